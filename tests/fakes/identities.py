"""`IdentityProvider` in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from shared.kernel.errors import Unavailable


@dataclass
class FakeIdentities:
    """Remembers who was signed out when, and who is shut out; `down` fails so many calls."""

    signed_out: dict[str, datetime] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    down: int = 0

    async def sign_out(self, uid: str, at: datetime) -> None:
        self._answer()
        self.signed_out[uid] = at

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        self._answer()
        (self.disabled.add if disabled else self.disabled.discard)(uid)

    def _answer(self) -> None:
        if self.down:
            self.down -= 1
            raise Unavailable
