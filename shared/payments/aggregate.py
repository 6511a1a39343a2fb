"""The payment aggregate: what one decision about money reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.payments.domain import NotStoredYet, Payment, Refund
from shared.payments.subjects import ChargeSubject


@dataclass(frozen=True, slots=True)
class PaymentAggregate:
    """A charge subject, one attempt to pay it, and refunds of this attempt by id.

    `unmatched` is written and never read: the payment that records an unmatched charge. `source` is what the
    store has read the subject from; it is the store's own.
    """

    subject: ChargeSubject
    payment: Payment | None = None
    refunds: Mapping[str, Refund] = field(default_factory=dict)
    unmatched: Payment | None = None
    source: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def with_refund(self, refund: Refund) -> PaymentAggregate:
        """Return the aggregate with `refund` added or replaced."""
        return replace(self, refunds={**self.refunds, refund.id: refund})


def require_payment(aggregate: PaymentAggregate) -> Payment:
    """Return the payment of the aggregate; raises `NotStoredYet` when there is none."""
    if aggregate.payment is None or aggregate.payment.subject_ref != aggregate.subject.ref:
        raise NotStoredYet
    return aggregate.payment
