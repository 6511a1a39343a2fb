"""`StatusCache` in Redis, and the `RoleStore` of hot routes that reads through it.

`status:{uid}`  JSON: when the sign-ins end, which ended one by one, whether the account is closed

A route that runs ten thousand times a second cannot read Firestore each time (ADR 0015). Each change of
an account forgets its entry. An entry that was missed, because Redis did not answer or a slower reader stored
what it had read before the change, expires by itself.
"""

from __future__ import annotations

from datetime import timedelta

from shared.adapters.redis_client import answering
from shared.adapters.redis_pipeline import RedisCommands
from shared.identity.ports import RoleStore, StatusCache
from shared.kernel.access import AccountStatus
from shared.kernel.errors import Unavailable
from shared.schema import schema

MILLISECOND = timedelta(milliseconds=1)
LIFETIME = timedelta(seconds=60)
"""How long an entry may outlive a change that did not reach it."""


class RedisStatusCache:
    """See `StatusCache`."""

    def __init__(self, client: RedisCommands, lifetime: timedelta = LIFETIME) -> None:
        self._client = client
        self._lifetime = lifetime

    async def get(self, uid: str) -> AccountStatus | None:
        """See `StatusCache.get`; an entry that cannot be read counts as unknown."""
        async with answering(Unavailable):
            stored = await self._client.execute_command("GET", _key(uid))
        try:
            return None if stored is None else schema(AccountStatus).validate_json(stored)
        except ValueError:
            return None

    async def put(self, uid: str, status: AccountStatus) -> None:
        """See `StatusCache.put`."""
        async with answering(Unavailable):
            known, lifetime_ms = schema(AccountStatus).dump_json(status), self._lifetime // MILLISECOND
            await self._client.execute_command("SET", _key(uid), known, "PX", lifetime_ms)

    async def forget(self, uid: str) -> None:
        """See `StatusCache.forget`."""
        async with answering(Unavailable):
            await self._client.execute_command("DEL", _key(uid))


class CachedRoles:
    """`RoleStore` for routes that ask for neither roles nor a second factor: it reads through the cache."""

    def __init__(self, cache: StatusCache, roles: RoleStore) -> None:
        self._cache, self._roles = cache, roles

    async def account_status(self, uid: str, session_id: str = "") -> AccountStatus:
        """See `RoleStore.account_status`; without roles and recent MFA."""
        known = await self._cache.get(uid)
        if known is None:
            read = await self._roles.account_status(uid)
            known = AccountStatus(
                tokens_valid_after=read.tokens_valid_after,
                revoked_sessions=read.revoked_sessions,
                disabled=read.disabled,
            )
            await self._cache.put(uid, known)
        return known


def _key(uid: str) -> str:
    return f"status:{{{uid}}}"
