"""Measuring in turn, A B B A and so on, so that what else the machine does falls on both alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

Turn = Callable[[], float]


def in_turn(turns: Mapping[str, Turn], rounds: int, advance: Callable[[], None]) -> dict[str, list[float]]:
    """Let each take its turn in each round; return what each measured, round by round."""
    measured: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(rounds):
        for name in list(turns)[:: -1 if number % 2 else 1]:
            measured[name].append(turns[name]())
            advance()
    return measured


def ratio(measured: Sequence[float], reference: Sequence[float]) -> float:
    """Return the median of the ratios of the rounds."""
    return median(a / b for a, b in zip(measured, reference, strict=True))
