"""What the identity context announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorReset(Event):
    """An admin took somebody's second factor away; their sessions have ended. Why stands in the audit."""

    TYPE: ClassVar[str] = "waybill.identity.second_factor_reset.v1"

    user_id: str

    @property
    def subject(self) -> str:
        """Whose second factor it was."""
        return self.user_id
