"""Those who call the public API in the end-to-end tests, and how a test reads the answers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from emulators.city.auth import Account


@dataclass(frozen=True, slots=True)
class Person:
    """Someone signed in; their calls return the raw answer, so that a test can look at refusals."""

    http: httpx.AsyncClient
    url: str
    account: Account

    @property
    def uid(self) -> str:
        return self.account.uid

    async def call(self, method: str, path: str, *, key: str | None = "", **request: Any) -> httpx.Response:
        """Call the public API; a POST gets a fresh idempotency key unless `key` says otherwise."""
        headers = {"Authorization": f"Bearer {await self.account.token()}", **request.pop("headers", {})}
        if method == "POST" and key is not None:
            headers["Idempotency-Key"] = key or secrets.token_hex(8)
        return await self.http.request(method, f"{self.url}/api/v1{path}", headers=headers, **request)

    async def post(self, path: str, body: Any = None, *, key: str | None = "") -> httpx.Response:
        """POST `body` as JSON."""
        return await self.call("POST", path, key=key, json={} if body is None else body)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """GET with query parameters."""
        return await self.call("GET", path, params=params)


def ok(answer: httpx.Response) -> dict[str, Any]:
    """Return the body of an answer that must be a success."""
    assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
    body: dict[str, Any] = answer.json() if answer.content else {}
    return body


def refused(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """Return the problem of an answer that must be this refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code or problem["code"]), answer.text
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return problem


async def eventually(check: Callable[[], Awaitable[Any]], within: float = 60, every: float = 0.05) -> Any:
    """Return the first true result of `check`, asked again and again; TimeoutError when there is none.

    Both times in seconds; what is costly to ask is asked less often.
    """
    async with asyncio.timeout(within):
        while not (result := await check()):  # noqa: ASYNC110 - it happens in other processes
            await asyncio.sleep(every)
        return result
