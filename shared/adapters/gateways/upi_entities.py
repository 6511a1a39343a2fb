"""Payments and refunds in Razorpay's JSON, as its API and its webhooks show them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.kernel.money import Money
from shared.payments.domain import Charge, ChargeState, GatewayUnavailable, RefundReport, RefundState

CHARGE_STATES = {
    "created": ChargeState.CREATED,
    "authorized": ChargeState.AUTHORISED,
    "captured": ChargeState.CAPTURED,
    "failed": ChargeState.FAILED,
}

Notes = dict[str, Any] | list[Any]
"""What we had written to a thing; Razorpay shows empty notes as an empty list."""


class PaymentEntity(BaseModel):
    """A payment as the API and the webhooks show it; unknown fields are ignored."""

    model_config = ConfigDict(strict=True)

    id: str
    amount: int
    currency: str
    status: str
    captured: bool = False
    notes: Notes = {}
    error_reason: str | None = None

    def charge(self) -> Charge:
        """Return it in our words; raises `GatewayUnavailable` for a status that we do not know."""
        state = self._refunded() if self.status == "refunded" else CHARGE_STATES.get(self.status)
        if state is None:
            raise GatewayUnavailable(f"The payment provider speaks of a status {self.status!r}.")
        return Charge(self.id, state, Money(self.amount, self.currency), self.error_reason or "unknown")

    def _refunded(self) -> ChargeState:
        """Money that came counts, and its way back is the refund's news; the bank's own reversal does not."""
        return ChargeState.CAPTURED if self.captured else ChargeState.FAILED


class RefundEntity(BaseModel):
    """A refund as the API and the webhooks show it."""

    model_config = ConfigDict(strict=True)

    id: str
    amount: int
    currency: str
    status: RefundState
    notes: Notes = {}

    def report(self) -> RefundReport:
        """Return it in our words."""
        return RefundReport(self.id, self.status, Money(self.amount, self.currency))
