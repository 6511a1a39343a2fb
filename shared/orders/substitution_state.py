"""Something else instead of a line that the shop lacks: what was offered, and how that ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.errors import WrongState
from shared.kernel.order import Fulfilment
from shared.orders.pricing import Line

WHILE_OFFERED = frozenset({Fulfilment.CONFIRMED, Fulfilment.PREPARING})
"""The states in which something else can be offered, and the answer counts."""


class SubstitutionOpen(WrongState):
    """The customer has still to say whether something else will do."""

    code = "SUBSTITUTION_OPEN"
    detail = "The customer has still to say whether something else will do."


class SubstitutionState(StrEnum):
    """Where an offer of something else stands; only an open one moves."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class SubstitutionReason(StrEnum):
    """Why a shop would rather send something else."""

    OUT_OF_STOCK = "out_of_stock"
    SPOILT = "spoilt"
    OTHER = "other"


GONE = frozenset({SubstitutionReason.OUT_OF_STOCK, SubstitutionReason.SPOILT})
"""The reasons for which there is nothing left that could be sold to somebody else."""


@dataclass(frozen=True, slots=True)
class Substitution:
    """`line` is what the shop lacks, `instead` what it offers at what is charged for that.

    Without an answer it is declined at `expires_at`.
    """

    id: str
    line: Line
    instead: Line
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    state: SubstitutionState = SubstitutionState.OPEN
    reason: SubstitutionReason = SubstitutionReason.OUT_OF_STOCK


def is_open(one: Substitution) -> bool:
    """Say whether the customer has still to answer."""
    return one.state is SubstitutionState.OPEN


def answer_due(all_: Sequence[Substitution]) -> datetime | None:
    """Return when the next answer is due, or None."""
    return min((one.expires_at for one in all_ if is_open(one)), default=None)


def carried_into(state: Fulfilment, all_: Sequence[Substitution]) -> tuple[Substitution, ...]:
    """Return what becomes of the offers as the order enters `state`: beyond the kitchen none is open."""
    if state in WHILE_OFFERED:
        return tuple(all_)
    return tuple(replace(one, state=SubstitutionState.WITHDRAWN) if is_open(one) else one for one in all_)
