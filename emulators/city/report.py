"""The result of a demo, counted from Waybill's own documents and timelines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from emulators.city import plan
from emulators.city.options import Options
from emulators.city.timeline import REFUNDED, Order


@dataclass(frozen=True, slots=True)
class Timings:
    """Durations in seconds, one per order that reached both events."""

    ready_to_assigned: Sequence[float]
    placed_to_notified: Sequence[float]
    placed_to_delivered: Sequence[float]

    @classmethod
    def of(cls, orders: Sequence[Order], notified_at: Mapping[str, float]) -> Timings:
        """Measure orders; `notified_at` holds the Unix time of each "order placed" push by order."""
        placed = {order.id: order.time("order_placed") for order in orders}
        notified = [
            notified_at[id_] - at.timestamp()
            for id_, at in placed.items()
            if at is not None and id_ in notified_at
        ]
        return cls(
            ready_to_assigned=_known([order.seconds("order_ready", "driver_assigned") for order in orders]),
            placed_to_notified=notified,
            placed_to_delivered=_known(
                [order.seconds("order_placed", "order_delivered") for order in orders]
            ),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The result. `orders` are all placed orders in their last known state."""

    options: Options
    orders: Sequence[Order]
    notified_at: Mapping[str, float]
    errors: int

    @property
    def delivered(self) -> int:
        """Orders that were delivered."""
        return sum(order.fulfilment == "delivered" for order in self.orders)

    @property
    def refunded(self) -> int:
        """Cancelled orders whose payment was refunded, less the fee where there is one."""
        return sum(o.fulfilment == "cancelled" and o.payment in REFUNDED for o in self.orders)

    @property
    def declined(self) -> int:
        """Offers that drivers declined."""
        return sum(order.count("offer_declined") for order in self.orders)

    @property
    def expired(self) -> int:
        """Offers that expired without an answer."""
        return sum(order.count("offer_expired") for order in self.orders)

    @property
    def timings(self) -> Timings:
        """How long things took."""
        return Timings.of(self.orders, self.notified_at)

    def failures(self) -> list[str]:
        """Return what did not end as expected; an empty list if everything did."""
        options, pairs = self.options, plan.pairs(self.options)
        carried = options.orders - options.cancel
        checks = (
            (
                len(self.orders) == options.orders,
                f"{len(self.orders)} of {options.orders} orders were placed",
            ),
            (self.delivered == carried, f"{self.delivered} of {carried} orders were delivered"),
            (self.refunded == options.cancel, f"{self.refunded} of {options.cancel} orders were refunded"),
            (self.declined >= pairs, f"{self.declined} offers were declined, expected at least {pairs}"),
            (self.expired >= pairs, f"{self.expired} offers expired, expected at least {pairs}"),
            (self.errors == 0, f"{self.errors} errors"),
        )
        return [problem for passed, problem in checks if not passed]

    def line(self) -> str:
        """Return the last line of the demo's output."""
        timings = self.timings
        return (
            f"demo: orders={len(self.orders)} delivered={self.delivered} declined={self.declined} "
            f"expired={self.expired} refunded={self.refunded} errors={self.errors} "
            f"ready_to_assigned_p50_s={seconds(p50(timings.ready_to_assigned))} "
            f"placed_to_notified_p95_s={seconds(p95(timings.placed_to_notified))}"
        )


def p50(values: Sequence[float]) -> float | None:
    """Return the median, None for no values."""
    return median(values) if values else None


def p95(values: Sequence[float]) -> float | None:
    """Return the 95th percentile by nearest rank, None for no values."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1] if values else None


def seconds(value: float | None) -> str:
    """Format a duration with two decimals, or a dash where nothing was measured."""
    return "-" if value is None else f"{value:.2f}"


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]
