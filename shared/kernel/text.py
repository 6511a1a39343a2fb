"""Text from outside: what must not stand in it, because it hides or turns what people read."""

from __future__ import annotations

import unicodedata

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_plain(char: str) -> bool:
    """Say whether a character is text: no control but newline and tab, no surrogate, no bidi control."""
    return char not in _BIDI and (char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))


def one_line(text: str, limit: int) -> str:
    """Return the plain characters of a text in NFC, on one line, at most `limit` of them.

    For names that come from elsewhere and cannot be sent back.
    """
    normal = unicodedata.normalize("NFC", "".join(filter(is_plain, text)))
    return " ".join(normal.split())[:limit].strip()
