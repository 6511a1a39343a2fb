"""What a decision about money rests on, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from shared.kernel.event import Event
from shared.payments.domain import NotStoredYet, Payment, Refund
from shared.payments.payables import Payable

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Books:
    """An order or a tip, one attempt to pay it, and refunds of that by id.

    `stray` is only ever written: a charge that came on the attempt's account and was not agreed on.
    """

    payable: Payable
    payment: Payment | None = None
    refunds: Mapping[str, Refund] = field(default_factory=dict)
    stray: Payment | None = None

    def with_refund(self, refund: Refund) -> Books:
        """Return the books with `refund` entered or replaced."""
        return replace(self, refunds={**self.refunds, refund.id: refund})


@dataclass(frozen=True, slots=True)
class Decision(Generic[R]):
    """The books as they shall be, what to tell, and what the caller learns."""

    books: Books
    events: Sequence[Event]
    result: R


def known(books: Books) -> Payment:
    """Return the payment of the books; raises `NotStoredYet` when there is none."""
    if books.payment is None or books.payment.order_id != books.payable.id:
        raise NotStoredYet
    return books.payment
