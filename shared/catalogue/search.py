"""Finding merchants by words: what is stored of a merchant, and what is looked for.

A word is stored as its beginnings, so that "mas" finds "Masala". Both sides go through the same
normalisation (NFKC, case folded, Latin accents and joiners left out), hence any script works.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

MAX_TERMS = 1_000
"""Terms stored of one merchant: about 10 KB, far from the 40,000 index entries of a document."""

MAX_WORDS = 6
"""Words of a question that count; what is behind them is left out."""

_LONGEST = 12
"""Characters of a word that count, on both sides."""

_LONGEST_TEXT = 400
"""Characters of a text that count. No name has so many, but one character can stand for eighteen."""

_ACCENTS = re.compile("[\u0300-\u036f]")


def words_of(text: str) -> list[str]:
    """Return the words of a text, normalised, each once, in their order."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()))
    kept = "".join(_kept(char) for char in unicodedata.normalize("NFKC", plain)[:_LONGEST_TEXT])
    return list(dict.fromkeys(word[:_LONGEST] for word in kept.split()))


def terms_of(name: str, category: str, items: Iterable[str]) -> tuple[str, ...]:
    """Return the terms to store of a merchant: its own words first, then whole words of its items, then
    their beginnings, until there are `MAX_TERMS`."""
    of_items = [word for item in items for word in words_of(item)]
    of_itself = [term for text in (name, category) for word in words_of(text) for term in _beginnings(word)]
    every = dict.fromkeys([*of_itself, *of_items, *(term for word in of_items for term in _beginnings(word))])
    return tuple(every)[:MAX_TERMS]


def wanted_terms(text: str) -> tuple[str, ...]:
    """Return the terms that a merchant must all have to be found; the rarest, which is the longest, first."""
    return tuple(sorted(words_of(text)[:MAX_WORDS], key=len, reverse=True))


def category_key(category: str) -> str:
    """Return what equal categories have in common, however they are written."""
    return " ".join(words_of(category))


def _beginnings(word: str) -> Sequence[str]:
    return list(_from_two_on(word)) or [word]


def _from_two_on(word: str) -> Iterator[str]:
    return (word[:length] for length in range(2, len(word) + 1))


def _kept(char: str) -> str:
    """Letters, marks and digits stay; apostrophes and what is invisible go; all else parts words."""
    kind = unicodedata.category(char)
    if kind[0] in "LMN":
        return char
    return "" if kind == "Cf" or char in "'\u2019" else " "
