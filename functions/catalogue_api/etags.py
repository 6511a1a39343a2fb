"""The entity tags of menus and merchants: the version or the revision in quotes."""

from __future__ import annotations

import re

_TAG = re.compile(r'"(\d{1,9})"')


def tag_of(version: int) -> str:
    """Return the `ETag` of one version of a menu, or of one revision of a merchant."""
    return f'"{version}"'


def versions_in(if_match: str | None) -> frozenset[int] | None:
    """Return the versions that an `If-Match` header allows; None (any) without the header or for `*`.

    Weak and foreign tags match nothing (RFC 9110, 13.1.1: strong comparison).
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (_TAG.fullmatch(tag.strip()) for tag in if_match.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)
