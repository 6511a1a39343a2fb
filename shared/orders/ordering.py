"""The rules of the operator under which orders are quoted and placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.kernel.errors import WrongState
from shared.kernel.order import Business
from shared.orders.businesses import POLICIES
from shared.orders.scheduling import SchedulingRules
from shared.orders.unpaid import UnpaidRules


class BusinessNotOpen(WrongState):
    """The operator accepts no orders of this business."""

    code = "BUSINESS_NOT_OPEN"
    detail = "No orders of this business are accepted now."


@dataclass(frozen=True, slots=True)
class OrderingRules:
    """How far ahead orders can be, which businesses take none (the reason, by business), and how many unpaid
    orders a customer can have."""

    scheduling: SchedulingRules = field(default_factory=SchedulingRules)
    refused: Mapping[Business, str] = field(default_factory=dict)
    unpaid: UnpaidRules = field(default_factory=UnpaidRules)


def usually_refused() -> Mapping[Business, str]:
    """Return the businesses whose policies accept no orders, and why."""
    reasons = {business: policy.refused_because for business, policy in POLICIES.items()}
    return {business: reason for business, reason in reasons.items() if reason}


def check_business(business: Business, rules: OrderingRules) -> None:
    """Raise `BusinessNotOpen` with the reason where the operator accepts no orders of a business."""
    if business in rules.refused:  # mutant: refused-business
        raise BusinessNotOpen(rules.refused[business])
