"""Identifiers: a prefix for the kind of entity, and 128 bits that cannot be guessed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

NewId = Callable[[str], str]
"""A function that makes an identifier from a prefix: `new_id("ord")` gives `ord_…`. Tests pass their own."""


def new_id(prefix: str) -> str:
    """Return `prefix_` and 128 random bits in hex."""
    return f"{prefix}_{secrets.token_hex(16)}"


def derived_id(prefix: str, *parts: str) -> str:
    """Return `prefix_` and 128 bits of the SHA-256 of `parts`: the same parts give the same id.

    For retries that must find what the first attempt created. Each part is length-prefixed, so
    that ("a", "bc") and ("ab", "c") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(f"{len(raw)}:".encode() + raw)
    return f"{prefix}_{digest.hexdigest()[:32]}"
