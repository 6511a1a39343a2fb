"""The events of the identity context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorReset(Event):
    """An admin removed a user's second factor and ended their sessions; the audit log has the reason."""

    TYPE: ClassVar[str] = "waybill.identity.second_factor_reset.v1"

    user_id: str

    @property
    def subject(self) -> str:
        """The user whose second factor was removed."""
        return self.user_id
