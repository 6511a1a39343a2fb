"""People at the door, in memory: who is signed in, and with what right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp

from shared.accounts.domain import Principal
from shared.kernel.errors import Unauthenticated

JSON = {"Content-Type": "application/json"}


class FakeTokens:
    """`TokenVerifier` whose tokens are the uids themselves; `half-` people lack a phone."""

    async def verify(self, token: str) -> Principal:
        if token == "forged":
            raise Unauthenticated
        phone = "" if token.startswith("half-") else "+919800000001"
        return Principal(token, f"{token}@example.com", True, phone, token.title())


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
        """Return the same app as another person sees it; an empty uid is nobody."""
        return Caller(self.app, uid)
