"""Entity tags of editable documents: the version in quotes."""

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

    Weak and unknown tags match nothing (RFC 9110, 13.1.1: strong comparison).
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (_TAG.fullmatch(tag.strip()) for tag in if_match.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)


async def _if_match_versions(if_match: Annotated[str | None, Header()] = None) -> frozenset[int] | None:
    return versions_in(if_match)


IfMatchVersions = Annotated[frozenset[int] | None, Depends(_if_match_versions)]
"""The versions in the `If-Match` header of the caller; None if any version may be replaced."""
