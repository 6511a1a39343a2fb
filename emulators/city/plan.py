"""Who cancels and who does not take an offer: the demo's script, the same in every run."""

from __future__ import annotations

from itertools import cycle

from emulators.city.customer import Moment
from emulators.city.options import Options

WANTED_PAIRS = 2
"""So many declines and so many lapsed offers a demo shows, if it is large enough."""


def cancellations(options: Options) -> dict[int, Moment]:
    """Return which orders (numbered from 1) are cancelled, and when; spread evenly over the demo."""
    if options.cancel == 0:
        return {}
    stride = options.orders / options.cancel
    numbers = [int(stride * n + stride / 2) + 1 for n in range(options.cancel)]
    return dict(zip(numbers, cycle(Moment), strict=False))


def pairs(options: Options) -> int:
    """Return how many lapses, and as many declines, fit: each takes an order, and a second driver."""
    carried = options.orders - options.cancel
    return 0 if options.drivers < 2 else min(WANTED_PAIRS, carried // 2)
