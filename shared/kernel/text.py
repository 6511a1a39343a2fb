"""Text from clients: characters that hide or reorder text are not allowed."""

from __future__ import annotations

import unicodedata

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_plain(char: str) -> bool:
    """Return whether a character is no surrogate, no bidi control, and no control but newline and tab."""
    return char not in _BIDI and (char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))


def one_line(text: str, limit: int) -> str:
    """Return the plain characters of a text in NFC, on one line, at most `limit` of them.

    For names from other systems, which cannot be rejected.
    """
    normal = unicodedata.normalize("NFC", "".join(filter(is_plain, text)))
    return " ".join(normal.split())[:limit].strip()
