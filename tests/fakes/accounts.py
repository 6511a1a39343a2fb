"""People at the door, in memory: who is signed in, and with what right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.types import ASGIApp

from shared.adapters.firestore.accounts import sessions_of
from shared.adapters.firestore.codec import to_document
from shared.identity.domain import Session
from shared.kernel.access import AccountStatus, TokenInvalid
from shared.kernel.actor import Principal, Role
from shared.kernel.errors import Unavailable
from tests.fakes.database import MemoryDatabase

JSON = {"Content-Type": "application/json"}
SIGNED_IN = datetime(2026, 11, 1, tzinfo=UTC)
FOR_EVER = datetime(2999, 1, 1, tzinfo=UTC)


class FakeTokens:
    """`TokenVerifier` whose tokens are the uids themselves; `half-` people lack a phone, and the e-mail
    addresses of `claimed-` people are not verified, but for their later sign-ins.

    `asha@2` is the second sign-in of `asha`, two seconds after `SIGNED_IN`.
    """

    async def verify(self, token: str) -> Principal:
        if token == "forged":
            raise TokenInvalid
        uid, _, later = token.partition("@")
        phone = "" if uid.startswith("half-") else "+919800000001"
        auth_time = int(SIGNED_IN.timestamp()) + int(later or 0)
        name, providers = uid.title(), ("email", "google.com")
        verified = bool(later) or not uid.startswith("claimed-")
        return Principal(uid, f"{uid}@example.com", verified, phone, name, auth_time, "google.com", providers)


@dataclass
class FakeRoles:
    """`RoleStore` of people who have all shown their second factor, unless `statuses` says otherwise."""

    roles: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    statuses: Mapping[str, AccountStatus] = field(default_factory=dict)

    async def account_status(self, uid: str, session_id: str = "") -> AccountStatus:
        granted = self.roles.get(uid, frozenset())
        usual = AccountStatus(granted, second_factor=bool(granted), recent_mfa_until=FOR_EVER)
        return self.statuses.get(uid, usual)


def session_id(uid: str, later: int = 0) -> str:
    """Return the id of the session of a user that `FakeTokens` signs in."""
    return Principal(uid, auth_time=int(SIGNED_IN.timestamp()) + later).session_id


def seed_operator(database: MemoryDatabase, uid: str, *roles: str) -> None:
    """Give a user roles (admin by default) and a second factor that is always recent."""
    database.seed(f"auth/{uid}", {"roles": list(roles or ("admin",)), "second_factor": True})
    session = Session(session_id(uid), SIGNED_IN, SIGNED_IN, recent_mfa_until=FOR_EVER)
    database.seed(sessions_of(uid).path(session.id), to_document(session))


@dataclass
class Caller:
    """Calls an app as one person, without a socket."""

    app: ASGIApp
    uid: str = ""

    async def __call__(
        self, method: str, path: str, json: Any = None, *, key: str = "", raw: str = "", **headers: str
    ) -> httpx.Response:
        """Send one request; `raw` is a body that `json` could not say, `key` the idempotency key."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.uid:
            sent["Authorization"] = f"Bearer {self.uid}"
        if key:
            sent["Idempotency-Key"] = key
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=10) as client:
            if raw:
                return await client.request(method, path, content=raw, headers={**sent, **JSON})
            return await client.request(method, path, json=json, headers=sent)

    def be(self, uid: str) -> Caller:
        """Return a client of the same app for another user; an empty uid sends no token."""
        return Caller(self.app, uid)


class MemoryStatusCache:
    """`StatusCache` in memory; it passes the contract suite."""

    def __init__(self) -> None:
        self.kept: dict[str, AccountStatus] = {}
        self.down = False

    async def get(self, uid: str) -> AccountStatus | None:
        self._answer()
        return self.kept.get(uid)

    async def put(self, uid: str, status: AccountStatus) -> None:
        self._answer()
        self.kept[uid] = status

    async def forget(self, uid: str) -> None:
        self._answer()
        self.kept.pop(uid, None)

    def _answer(self) -> None:
        if self.down:
            raise Unavailable
