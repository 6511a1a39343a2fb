"""Full-text search of merchants: the stored terms of a merchant, and the terms of a search.

A word is stored as its prefixes, so that "mas" finds "Masala". Both sides use the same normalisation
(NFKC, case folded, without Latin accents and joiners), so any script works.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

MAX_TERMS = 1_000
"""Terms stored of one merchant: about 10 KB, far from the 40,000 index entries of a document."""

MAX_WORDS = 6
"""The words of a search text that count. Later words are ignored."""

_LONGEST = 12
"""Characters of a word that count, on both sides."""

_LONGEST_TEXT = 400
"""Characters of a text that count. One character can normalise to as many as eighteen."""

_ACCENTS = re.compile("[\u0300-\u036f]")


def words_of(text: str) -> list[str]:
    """Return the normalised words of a text in order, without repetitions."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()))
    kept = "".join(_kept(char) for char in unicodedata.normalize("NFKC", plain)[:_LONGEST_TEXT])
    return list(dict.fromkeys(word[:_LONGEST] for word in kept.split()))


def terms_of(name: str, category: str, items: Iterable[str]) -> tuple[str, ...]:
    """Return the terms to store for a merchant, at most `MAX_TERMS`.

    The merchant's own words come first, then whole words of its items, then prefixes of those.
    """
    of_items = [word for item in items for word in words_of(item)]
    of_itself = [term for text in (name, category) for word in words_of(text) for term in _prefixes(word)]
    every = dict.fromkeys([*of_itself, *of_items, *(term for word in of_items for term in _prefixes(word))])
    return tuple(every)[:MAX_TERMS]


def search_terms(text: str) -> tuple[str, ...]:
    """Return the terms that a merchant must all have. The longest, which is likely the rarest, is first."""
    return tuple(sorted(words_of(text)[:MAX_WORDS], key=len, reverse=True))


def category_key(category: str) -> str:
    """Return a key that is equal for the spellings of one category."""
    return " ".join(words_of(category))


def _prefixes(word: str) -> Sequence[str]:
    return list(_from_two_on(word)) or [word]


def _from_two_on(word: str) -> Iterator[str]:
    return (word[:length] for length in range(2, len(word) + 1))


def _kept(char: str) -> str:
    """Keep letters, marks and digits; drop apostrophes and format characters; replace the rest by a space."""
    kind = unicodedata.category(char)
    if kind[0] in "LMN":
        return char
    return "" if kind == "Cf" or char in "'\u2019" else " "
