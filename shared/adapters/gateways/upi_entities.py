"""Payments and refunds in Razorpay's JSON, as its API and its webhooks send them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.money import Money
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.domain import (
    Charge,
    ChargeState,
    GatewayUnavailable,
    RefundReport,
    RefundState,
    is_own_id,
)

CHARGE_STATES = {
    "created": ChargeState.CREATED,
    "authorized": ChargeState.AUTHORISED,
    "captured": ChargeState.CAPTURED,
    "failed": ChargeState.FAILED,
}

Notes = dict[str, Any] | list[Any]
"""Key-value pairs that we attach to an entity; Razorpay sends empty notes as an empty list."""


def notes_of(payment_id: str, subject_ref: SubjectRef) -> dict[str, Any]:
    """Return the notes of a payment: its id, and the `order_id` or `tip_id` that it is for."""
    return {"payment_id": payment_id, f"{subject_ref.kind}_id": subject_ref.id}


def subject_of(notes: Notes) -> SubjectRef | None:
    """Return the order or the tip in the notes, or None unless they name exactly one."""
    found = [(kind, own_id(notes, f"{kind}_id")) for kind in ChargeKind]
    named = [SubjectRef(kind, id_) for kind, id_ in found if id_]
    return named[0] if len(named) == 1 else None


def own_id(notes: Notes, name: str) -> str:
    """Return one of our ids from the notes; empty unless it is there and well-formed."""
    value = notes.get(name) if isinstance(notes, dict) else None
    return value if isinstance(value, str) and is_own_id(value) else ""


class PaymentEntity(BaseModel):
    """A payment of the API and the webhooks; unknown fields are ignored."""

    model_config = ConfigDict(strict=True)

    id: str
    amount: int
    currency: str
    status: str
    captured: bool = False
    notes: Notes = {}
    error_reason: str | None = None

    def charge(self) -> Charge:
        """Return the domain's charge; raises `GatewayUnavailable` for an unknown status."""
        state = self._refunded() if self.status == "refunded" else CHARGE_STATES.get(self.status)
        if state is None:
            raise GatewayUnavailable(f"The payment provider reports the unknown status {self.status!r}.")
        return Charge(self.id, state, Money(self.amount, self.currency), self.error_reason or "unknown")

    def _refunded(self) -> ChargeState:
        """Return `captured` if it was captured: its refund is reported apart. Else the bank reversed it."""
        return ChargeState.CAPTURED if self.captured else ChargeState.FAILED


class RefundEntity(BaseModel):
    """A refund of the API and the webhooks."""

    model_config = ConfigDict(strict=True)

    id: str
    amount: int
    currency: str
    status: Annotated[RefundState, Field(strict=False)]
    notes: Notes = {}

    def report(self) -> RefundReport:
        """Return the domain's report."""
        return RefundReport(self.id, self.status, Money(self.amount, self.currency))
