"""The events of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerBlocked(Event):
    """A merchant accepts no more orders from a customer: what is not paid of theirs is released."""

    TYPE: ClassVar[str] = "waybill.catalogue.customer_blocked.v1"

    merchant_id: str
    customer_id: str

    @property
    def subject(self) -> str:
        """The id of the merchant."""
        return self.merchant_id
