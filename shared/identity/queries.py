"""What people read about their sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.identity.ports import AccountStore, SecondFactorStore, SessionStore
from shared.identity.second_factor import SecondFactor
from shared.identity.sessions import Session
from shared.kernel.actor import Principal

MAX_LISTED = 100
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
"""Before anybody signed in."""


async def sessions_of(
    principal: Principal, *, accounts: AccountStore, sessions: SessionStore
) -> Sequence[Session]:
    """Return the person's sessions that stand, newest first, at most `MAX_LISTED`."""
    account = await accounts.find(principal.uid)
    after = account.tokens_valid_after if account else None
    return await sessions.live(principal.uid, after or FIRST_DAY, MAX_LISTED)


async def second_factor_of(principal: Principal, *, factors: SecondFactorStore) -> SecondFactor | None:
    """Return the person's second factor, if they have one, be it confirmed or not."""
    return await factors.find(principal.uid)
