"""Ratings as counts by stars: the number of ratings with one star, with two, and so on."""

from __future__ import annotations

MAX_STARS = 5

Counts = tuple[int, ...]
"""Five numbers, one star first; empty before the first rating."""


def with_one_more(counts: Counts, stars: int) -> Counts:
    """Return the counts with one more rating of `stars` (1 to 5)."""
    return tuple(number + (at == stars) for at, number in enumerate(by_stars(counts), start=1))


def by_stars(counts: Counts) -> Counts:
    """Return the counts as five numbers, all zero before the first rating."""
    return counts or (0,) * MAX_STARS


def mean(counts: Counts) -> float | None:
    """Return the mean of the ratings in stars, None before the first."""
    count = sum(counts)
    total = sum(stars * number for stars, number in enumerate(counts, start=1))
    return round(total / count, 2) if count else None
