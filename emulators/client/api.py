"""The client of one user over HTTP: signed in, with timeouts and, if wanted, retries."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import httpx

from emulators.client.auth import Account
from emulators.client.call import Call
from emulators.client.retries import Unanswered, persist

PREFIX = "/api/v1"
TIMEOUT = httpx.Timeout(15.0, connect=3.0)


class Refused(Exception):
    """The API refused with a 4xx; `code` is the stable code of the problem, such as `OFFER_EXPIRED`."""

    def __init__(self, request: str, status: int, code: str, detail: str) -> None:
        super().__init__(f"{request}: {status} {code} {detail}".strip())
        self.status = status
        self.code = code


def open_http(timeout: httpx.Timeout = TIMEOUT) -> httpx.AsyncClient:
    """Return the pooled connections that all users share; no proxy: the stack is on 127.0.0.1."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=2.0)
    return httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)


class ApiClient:
    """The calls of one user.

    `do` returns the body of a success, and retries for up to `retry_seconds`; `send` and what is named by
    its HTTP method make one attempt and return the raw answer, so that a test can look at refusals.
    """

    def __init__(
        self, http: httpx.AsyncClient, base_url: str, account: Account, *, retry_seconds: float = 0.0
    ) -> None:
        self.account = account
        self.base_url = base_url
        self._http = http
        self._retry_seconds = retry_seconds

    @property
    def uid(self) -> str:
        """Return the id of the user."""
        return self.account.uid

    async def do(self, call: Call, *, retry_seconds: float | None = None) -> dict[str, Any]:
        """Send a call, with one idempotency key through all retries, and return the body of the answer.

        Raises `Refused` or `Unanswered`.
        """
        key = secrets.token_hex(16)
        seconds = self._retry_seconds if retry_seconds is None else retry_seconds
        return body_of(await persist(lambda: self.send(call, key=key), seconds))

    async def send(self, call: Call, *, key: str | None = "") -> httpx.Response:
        """Send a call once; see `request` for the key."""
        body = {} if call.body is None and call.method == "POST" else call.body
        headers = {} if call.if_match is None else {"If-Match": call.if_match}
        return await self.request(
            call.method, call.path, key=key, params=call.query, json=body, headers=headers
        )

    async def request(
        self, method: str, path: str, *, key: str | None = "", **request: Any
    ) -> httpx.Response:
        """Make any request; a POST gets a fresh idempotency key unless `key` says otherwise (None: none)."""
        headers = {"Authorization": f"Bearer {await self.account.token()}", **request.pop("headers", {})}
        if method == "POST" and key is not None:
            headers["Idempotency-Key"] = key or secrets.token_hex(8)
        url = f"{self.base_url}{PREFIX}{path}"
        return await self._http.request(method, url, headers=headers, **request)

    async def post(self, path: str, body: Any = None, *, key: str | None = "") -> httpx.Response:
        """POST `body` as JSON."""
        return await self.request("POST", path, key=key, json={} if body is None else body)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """GET with query parameters."""
        return await self.request("GET", path, params=params)

    async def upload(self, ticket: Mapping[str, Any], content: bytes) -> None:
        """Upload a file to the signed URL of a ticket, directly into the object store."""
        method, url, headers = ticket["method"], ticket["url"], ticket["headers"]
        answer = await persist(
            lambda: self._http.request(method, url, content=content, headers=headers), self._retry_seconds
        )
        if answer.status_code != httpx.codes.PRECONDITION_FAILED:  # an earlier attempt has arrived
            body_of(answer)


def body_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON of a success. Raises `Refused` for a 4xx, `Unanswered` for a 5xx."""
    request = f"{answer.request.method} {answer.request.url.path.removeprefix(PREFIX)}"
    if answer.is_server_error:
        raise Unanswered(f"{request}: {answer.status_code} {answer.text[:200]}")
    body = _json(answer)
    if answer.is_error:
        raise Refused(request, answer.status_code, body.get("code", ""), _detail(body))
    return body


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if answer.content else {}
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": answer.text[:200]}


def _detail(problem: Mapping[str, Any]) -> str:
    errors = [f"{error.get('pointer')} {error.get('message')}" for error in problem.get("errors") or ()]
    return "; ".join([str(problem.get("detail") or problem.get("title", "")), *errors])
