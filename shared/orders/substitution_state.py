"""The substitutions that an order carries, and their states.

The rules of proposing and answering them are in `substitutions`, which depends on the order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.errors import WrongState
from shared.kernel.order import Fulfilment
from shared.orders.pricing import Line


class SubstitutionOpen(WrongState):
    """A substitution waits for the customer's answer."""

    code = "SUBSTITUTION_OPEN"
    detail = "A substitution is open. Wait until the customer answers it or it expires."


class SubstitutionState(StrEnum):
    """The state of a substitution; only an open one changes."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class SubstitutionReason(StrEnum):
    """Why the merchant proposes a substitution."""

    OUT_OF_STOCK = "out_of_stock"
    SPOILT = "spoilt"
    OTHER = "other"


UNAVAILABLE = frozenset({SubstitutionReason.OUT_OF_STOCK, SubstitutionReason.SPOILT})
"""The reasons for which the original item does not return to the stock."""


@dataclass(frozen=True, slots=True)
class Substitution:
    """A proposal to send `replacement` for `line`, at a price of at most that of `line`.

    It is declined at `expires_at` when the customer has not answered.
    """

    id: str
    line: Line
    replacement: Line
    proposed_at: datetime
    expires_at: datetime
    state: SubstitutionState = SubstitutionState.OPEN
    reason: SubstitutionReason = SubstitutionReason.OUT_OF_STOCK


def is_open(substitution: Substitution) -> bool:
    """Return whether the substitution waits for the customer's answer."""
    return substitution.state is SubstitutionState.OPEN


def next_expiry(substitutions: Sequence[Substitution]) -> datetime | None:
    """Return when the next open substitution expires, or None."""
    return min((one.expires_at for one in substitutions if is_open(one)), default=None)


def substitutions_in(
    state: Fulfilment, substitutions: Sequence[Substitution], substitutable: Collection[Fulfilment]
) -> tuple[Substitution, ...]:
    """Return the substitutions of an order that enters `state`: open ones end outside `substitutable`."""
    if state in substitutable:
        return tuple(substitutions)
    return tuple(
        replace(one, state=SubstitutionState.WITHDRAWN) if is_open(one) else one for one in substitutions
    )
