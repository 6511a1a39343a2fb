"""What is read from copies instead of documents: how people stand, where they are reached, who is staff.

`standing:{uid}`        of `auth/{uid}`: when sign-ins end, which ended one by one, whether it is closed
`contact:{uid}`         of `users/{uid}`: language, push tokens, muted topics
`members:{merchant}`    of `merchants/{id}/staff`: the members' uids

`DocumentStore` holds the copies of what it is about to change. Where that fails, the same commit writes
`config/copies`, and no copy is believed for a while: every reader asks for that document every three seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from shared.adapters.copies import Copies, CopyRules
from shared.adapters.firestore.database import CommitRefused, Database, Query, Snapshot, Write
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.kernel.ids import NewId
from shared.schema import schema

T = TypeVar("T")

CONFIG = "config/copies"
STANDING = frozenset({"tokens_valid_after", "revoked_sessions", "disabled"})
CONTACT = frozenset({"language", "push_tokens", "muted"})

MAX_MEMBERS = 100
"""The most members of one merchant that are read; the catalogue allows fewer."""

log = logging.getLogger(__name__)


def standing_key(uid: str) -> str:
    """Return the key of how a person stands."""
    return f"standing:{uid}"


def contact_key(uid: str) -> str:
    """Return the key of where a person is reached."""
    return f"contact:{uid}"


def members_key(merchant_id: str) -> str:
    """Return the key of a merchant's staff."""
    return f"members:{merchant_id}"


def copied_keys(writes: Iterable[Write]) -> list[str]:
    """Return the keys of the copies that a commit makes untrue."""
    return list(dict.fromkeys(key for write in writes if (key := _key(write))))  # mutant: copies-not-held


def _key(write: Write) -> str:
    match write.path.split("/"):
        case ["auth", uid] if _touches(write, STANDING):
            return standing_key(uid)
        case ["users", uid] if _touches(write, CONTACT):
            return contact_key(uid)
        case ["merchants", merchant_id, "staff", _]:
            return members_key(merchant_id)
    return ""


def _touches(write: Write, fields: frozenset[str]) -> bool:
    # mutant: sign-in-ended-unheld
    return write.operation != "update" or not fields.isdisjoint(write.data or {})


class Committer(Protocol):
    """Commits what may change documents that have copies, and reads what is not changed."""

    async def snapshots(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        """Return documents that a decision reads and does not change; a copy has the id alone."""
        ...

    async def commit(self, writes: Sequence[Write], change_id: str) -> None:
        """Apply all writes or none. Raises what `Database.commit` raises."""
        ...


class UncopiedDocuments:
    """`Committer` of a function that changes no document that has copies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def snapshots(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        """See `Committer.snapshots`."""
        return await self._database.get_all(paths)

    async def commit(self, writes: Sequence[Write], change_id: str) -> None:
        """See `Committer.commit`. Raises `LookupError` for a change whose copies it could not hold."""
        if keys := copied_keys(writes):
            raise LookupError(f"{change_id} changes what {len(keys)} copies show; see `CopyPorts`")
        await self._database.commit(writes)


async def stored_staff(database: Database, merchant_id: str) -> Sequence[Snapshot]:
    """Return the documents of a merchant's staff."""
    return await database.query(Query(f"merchants/{merchant_id}/staff", limit=MAX_MEMBERS))


class CopiedDocuments:
    """Reads through the copies, and is the `Committer` of what changes their documents."""

    def __init__(
        self, copies: Copies, database: Database, *, clock: Clock, ids: NewId, rules: CopyRules
    ) -> None:
        self._copies, self._database = copies, database
        self._clock, self._ids, self._rules = clock, ids, rules
        self._distrusted_until: datetime | None = None
        """What this process has last written to `config/copies`."""

    async def read(self, key: str, cls: Any, load: Callable[[], Awaitable[T]]) -> T:
        """Return the copy, or what `load` reads from the documents; where copies fail, they are read too."""
        token = self._ids("cpy")
        try:
            found = await self._copies.get(key, token)
            if not found.trusted and not await self._trustworthy(key):
                return await load()
        except Unavailable:
            return await load()
        if found.value is not None:
            try:
                return cast(T, schema(cls).validate_json(found.value))
            except ValueError:
                log.warning("copy_unreadable")
        value = await load()
        if found.leased:
            await self._put(key, token, schema(cls).dump_json(value).decode())
        return value

    async def members(self, merchant_id: str) -> tuple[str, ...]:
        """Return the uids of a merchant's staff."""

        async def load() -> tuple[str, ...]:
            return tuple(member.id for member in await stored_staff(self._database, merchant_id))

        return await self.read(members_key(merchant_id), tuple[str, ...], load)

    async def snapshots(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        """See `Committer.snapshots`: members of a merchant's staff from the copy of its list."""
        found: dict[str, Snapshot] = {}
        for path in paths:
            match path.split("/"):
                case ["merchants", merchant_id, "staff", uid] if uid in await self.members(merchant_id):
                    found[path] = Snapshot(path, {"uid": uid})
        left = [path for path in paths if path not in found]
        return {**found, **(await self._database.get_all(left) if left else {})}

    async def commit(self, writes: Sequence[Write], change_id: str) -> None:
        """See `Committer.commit`; the copies are held meanwhile.

        Where copies cannot be held, the commit says that none is to be believed. After a lost answer they
        stay held until the hold ends by itself, since the commit may be applied later.
        """
        keys = copied_keys(writes)
        along = await self._hold(keys, change_id) if keys else []
        try:
            await self._database.commit([*writes, *along])
        except CommitRefused:
            await self._release(keys, change_id)
            raise
        if along:
            self._distrusted_until = self._clock() + self._rules.distrust
        await self._release(keys, change_id)

    async def _hold(self, keys: Sequence[str], change_id: str) -> list[Write]:
        try:
            await self._copies.hold(keys, change_id)
        except Unavailable:
            return self._distrust()
        return []

    async def _release(self, keys: Sequence[str], change_id: str) -> None:
        """Let copies be put again; a hold that cannot be released ends by itself."""
        if not keys:
            return
        try:
            await self._copies.release(keys, change_id)
        except Unavailable as error:
            log.info("copies_held_until_expiry", extra={"code": error.code})

    async def _trustworthy(self, key: str) -> bool:
        """Return whether copies can be believed, as of a moment ago; let others know for a short time."""
        asked = self._clock()
        data = (await self._database.get_all([CONFIG]))[CONFIG].data or {}
        until = data.get("distrusted_until")
        if until is not None and self._clock() < until:
            return False
        left = self._rules.trust - (self._clock() - asked)
        if left.total_seconds() <= 0:
            return False
        await self._copies.trust(key, left)
        return True

    def _distrust(self) -> list[Write]:
        """Return the write by which no copy is believed; a process repeats it when half its time is over."""
        now, known = self._clock(), self._distrusted_until
        log.warning("copies_distrusted")
        if known is not None and known - now > self._rules.distrust / 2:
            return []
        return [Write("set", CONFIG, {"distrusted_until": now + self._rules.distrust})]

    async def _put(self, key: str, token: str, value: str) -> None:
        try:
            await self._copies.put(key, token, value)
        except Unavailable as error:
            log.info("copy_not_put", extra={"code": error.code})
