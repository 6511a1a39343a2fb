"""What keeps a copy of an account's status is brought up to date, after each change that it has to know.

That is the sign-in service, which refuses sign-ins and new tokens, and the cache of hot routes.
"""

from __future__ import annotations

import logging

from shared.identity.domain import Account
from shared.identity.ports import IdentityProvider, SecurityStore, StatusCache
from shared.kernel.errors import Unavailable

log = logging.getLogger(__name__)


async def inform_of_closure(
    uid: str, *, security: SecurityStore, identities: IdentityProvider, statuses: StatusCache
) -> None:
    """Let the service refuse sign-ins to a closed account, or admit them again.

    It is informed of the account as it is now, not as an event says, and until the account has not changed
    meanwhile: of two changes at the same moment the later one counts. Raises `Unavailable`.
    """
    await forget_status(uid, statuses)
    informed: Account | None = None
    account = await _account(uid, security)
    while informed is None or _service_state(account) != _service_state(informed):
        await identities.set_disabled(uid, account.disabled)
        await _end_sign_ins(account, identities)
        informed, account = account, await _account(uid, security)


async def inform_of_ended_sign_ins(
    uid: str, *, security: SecurityStore, identities: IdentityProvider, statuses: StatusCache
) -> None:
    """Let the service give no new tokens to the sign-ins that have ended. Raises `Unavailable`."""
    await forget_status(uid, statuses)
    await _end_sign_ins(await _account(uid, security), identities)


async def forget_status(uid: str, statuses: StatusCache) -> None:
    """Forget a cached status at once; while the cache does not answer, its entry expires by itself."""
    try:
        await statuses.forget(uid)
    except Unavailable as error:
        log.warning("status_not_forgotten", extra={"code": error.code})


async def _account(uid: str, security: SecurityStore) -> Account:
    """Return the account; an open one where nothing was ever decided about it."""
    return await security.account(uid) or Account(uid)


async def _end_sign_ins(account: Account, identities: IdentityProvider) -> None:
    if account.tokens_valid_after:
        await identities.sign_out(account.uid, account.tokens_valid_after)


def _service_state(account: Account) -> tuple[object, ...]:
    """Return what the service knows of an account."""
    return account.disabled, account.tokens_valid_after
