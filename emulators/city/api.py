"""A client of the public API as an app has one: signed in, with timeouts and retries."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from emulators.city.auth import Account

TIMEOUT = httpx.Timeout(15.0, connect=3.0)
RETRYABLE = frozenset({429, 502, 503, 504})
MAX_RETRY_SECONDS = 60.0
MAX_PAUSE_SECONDS = 4.0


class Refused(Exception):
    """The API refused with a 4xx; `code` is the stable code of the problem, such as `OFFER_EXPIRED`."""

    def __init__(self, request: str, status: int, code: str, detail: str) -> None:
        super().__init__(f"{request}: {status} {code} {detail}".strip())
        self.status = status
        self.code = code


class Unanswered(Exception):
    """The API answered 500, or gave no useful answer within the retry time."""


def open_client() -> httpx.AsyncClient:
    """Return the pooled client that all users share; it uses no proxy: the stack is on 127.0.0.1."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=2.0)
    return httpx.AsyncClient(timeout=TIMEOUT, limits=limits, trust_env=False)


class Api:
    """The calls of one user. A POST keeps its idempotency key through all retries."""

    def __init__(self, client: httpx.AsyncClient, base_url: str, account: Account) -> None:
        self._client = client
        self._base_url = base_url
        self._account = account

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Return the JSON of a resource. Raises `Refused` or `Unanswered`, as all calls do."""
        return await self._call("GET", path, params=params)

    async def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, max_seconds: float = MAX_RETRY_SECONDS
    ) -> dict[str, Any]:
        """Send a POST once, with retries for at most `max_seconds`."""
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        return await self._call("POST", path, max_seconds, json=body or {}, headers=headers)

    async def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Replace a resource."""
        return await self._call("PUT", path, json=body)

    async def upload(self, ticket: Mapping[str, Any], content: bytes) -> None:
        """Upload a file to the signed URL of a ticket, directly into the object store."""
        label, problem = f"{ticket['method']} to the store", ""
        for pause in retry_pauses(MAX_RETRY_SECONDS):
            try:
                answer = await self._client.request(
                    ticket["method"], ticket["url"], content=content, headers=ticket["headers"]
                )
            except httpx.TransportError as error:
                problem = repr(error)
            else:
                if answer.is_success or answer.status_code == httpx.codes.PRECONDITION_FAILED:
                    return  # an earlier attempt arrived and its answer was lost
                problem = f"{answer.status_code} {answer.text[:200]}"
            await asyncio.sleep(pause)
        raise Unanswered(f"{label}: {problem}")

    async def _call(
        self, method: str, path: str, max_seconds: float = MAX_RETRY_SECONDS, **request: Any
    ) -> dict[str, Any]:
        label, headers, problem = f"{method} {path}", request.pop("headers", {}), ""
        for pause in retry_pauses(max_seconds):
            headers["Authorization"] = f"Bearer {await self._account.token()}"
            try:
                url = f"{self._base_url}/api/v1{path}"
                answer = await self._client.request(method, url, headers=headers, **request)
            except httpx.TransportError as error:
                problem = repr(error)
            else:
                if answer.status_code not in RETRYABLE:
                    return _read(label, answer)
                problem, pause = f"{answer.status_code} {answer.text[:200]}", _requested_pause(answer, pause)
            await asyncio.sleep(pause)
        raise Unanswered(f"{label}: {problem}")


def retry_pauses(max_seconds: float) -> Iterator[float]:
    """Yield growing retry_pauses, each with some chance in it, until the max_seconds is at its end."""
    end, pause = time.monotonic() + max_seconds, 0.2
    while True:
        yield pause * random.uniform(0.5, 1.5)
        if time.monotonic() > end:
            return
        pause = min(2 * pause, MAX_PAUSE_SECONDS)


def _requested_pause(answer: httpx.Response, pause: float) -> float:
    try:
        return min(float(answer.headers.get("Retry-After", pause)), MAX_PAUSE_SECONDS)
    except ValueError:  # the header may also be a date
        return pause


def _read(label: str, answer: httpx.Response) -> dict[str, Any]:
    if answer.is_server_error:
        raise Unanswered(f"{label}: {answer.status_code} {answer.text[:200]}")
    try:
        body: dict[str, Any] = answer.json() if answer.content else {}
    except ValueError:
        body = {"detail": answer.text[:200]}
    if answer.is_error:
        raise Refused(label, answer.status_code, body.get("code", ""), _detail(body))
    return body


def _detail(problem: Mapping[str, Any]) -> str:
    errors = [f"{error.get('pointer')} {error.get('message')}" for error in problem.get("errors") or ()]
    return "; ".join([str(problem.get("detail") or problem.get("title", "")), *errors])
