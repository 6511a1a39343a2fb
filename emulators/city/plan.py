"""The plan of a demo: which orders are cancelled and how many offers are not accepted; always the same."""

from __future__ import annotations

from itertools import cycle

from emulators.city.customer import CancelAt
from emulators.city.options import Options

MAX_PAIRS = 2
"""How many declined and how many expired offers a demo shows, if it is large enough."""


def cancellations(options: Options) -> dict[int, CancelAt]:
    """Return which orders (numbered from 1) are cancelled, and when; spread evenly over the demo."""
    if options.cancel == 0:
        return {}
    stride = options.orders / options.cancel
    numbers = [int(stride * n + stride / 2) + 1 for n in range(options.cancel)]
    return dict(zip(numbers, cycle(CancelAt), strict=False))


def pairs(options: Options) -> int:
    """Return how many expired and as many declined offers fit: each needs an order and a second driver."""
    carried = options.orders - options.cancel
    return 0 if options.drivers < 2 else min(MAX_PAIRS, carried // 2)
