"""What users read about their sign-ins, and operators about users."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.identity.domain import Contact, SecondFactor, Session
from shared.identity.ports import ContactStore, SecurityStore
from shared.kernel.actor import Principal

MAX_LISTED = 100
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first sign-in."""


async def sessions_of(person: Principal, *, security: SecurityStore) -> Sequence[Session]:
    """Return the user's sessions that have not ended, newest first, at most `MAX_LISTED`."""
    account = await security.account(person.uid)
    after = account.tokens_valid_after if account else None
    return await security.live_sessions(person.uid, after or FIRST_DAY, MAX_LISTED)


async def second_factor_of(person: Principal, *, security: SecurityStore) -> SecondFactor | None:
    """Return the user's second factor, confirmed or not, or None."""
    return await security.second_factor(person.uid)


async def contact_of(uid: str, *, contacts: ContactStore) -> Contact:
    """Return the name, e-mail address and phone number that an operator sees beside an account."""
    return await contacts.contact_of(uid)
