"""Entity tags of documents that people edit: the version in quotes."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

_TAG = re.compile(r'"(\d{1,9})"', re.ASCII)


def version_tag(version: int) -> str:
    """Return the `ETag` of one version."""
    return f'"{version}"'


def versions_in(if_match: str | None) -> frozenset[int] | None:
    """Return the versions that an `If-Match` header allows; None (any) without the header or for `*`.

    Weak and foreign tags match nothing (RFC 9110, 13.1.1: strong comparison).
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (_TAG.fullmatch(tag.strip()) for tag in if_match.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)


async def _seen(if_match: Annotated[str | None, Header()] = None) -> frozenset[int] | None:
    return versions_in(if_match)


SeenVersions = Annotated[frozenset[int] | None, Depends(_seen)]
"""The versions that the caller's `If-Match` names; None where any may be replaced."""
