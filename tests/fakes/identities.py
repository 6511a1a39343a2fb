"""`IdentityProvider` in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from shared.kernel.errors import Unavailable


@dataclass
class FakeIdentities:
    """Remembers which users exist, were signed out or are disabled; `down` fails so many calls."""

    users: set[str] = field(default_factory=set)
    signed_out: dict[str, datetime] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    down: int = 0

    async def knows(self, uid: str) -> bool:
        self._answer()
        return uid in self.users

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
