"""Sign up as the apps do: the REST API of Identity Toolkit, on the Auth emulator."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

API_KEY = "demo"  # the emulator takes any
REFRESH_BEFORE_SECONDS = 300


class SignUpError(Exception):
    """The identity provider refused; the message is its answer."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The e-mail address and password of a user."""

    email: str
    password: str


class Account:
    """A signed-in user: the uid, and an ID token that is still valid."""

    def __init__(self, identity: Identity, answer: dict[str, Any]) -> None:
        self.uid: str = answer["localId"]
        self._identity = identity
        self._take(answer["idToken"], answer["refreshToken"], answer["expiresIn"])

    async def token(self) -> str:
        """Return an ID token that stays valid for some minutes."""
        if time.monotonic() > self._fresh_until:
            await self.refresh()
        return self._id_token

    async def refresh(self) -> None:
        """Fetch a new token; its claims include what was verified since the last one."""
        answer = await self._identity.refresh(self._refresh_token)
        self._take(answer["id_token"], answer["refresh_token"], answer["expires_in"])

    def _take(self, id_token: str, refresh_token: str, expires_in: str) -> None:
        self._id_token = id_token
        self._refresh_token = refresh_token
        self._fresh_until = time.monotonic() + int(expires_in) - REFRESH_BEFORE_SECONDS


class Identity:
    """The Auth emulator at `host` (host:port), and the e-mails and SMS that it keeps for its users."""

    def __init__(self, client: httpx.AsyncClient, host: str, project: str) -> None:
        self._client = client
        self._toolkit = f"http://{host}/identitytoolkit.googleapis.com/v1"
        self._tokens = f"http://{host}/securetoken.googleapis.com/v1/token"
        self._emulator = f"http://{host}/emulator/v1/projects/{project}"

    async def sign_up(self, name: str, credentials: Credentials, phone: str) -> Account:
        """Create an account, verify its e-mail address and link its phone number."""
        answer = await self._call(
            "accounts:signUp",
            email=credentials.email,
            password=credentials.password,
            displayName=name,
            returnSecureToken=True,
        )
        account = Account(self, answer)
        await self._verify_email(answer["idToken"], credentials.email)
        await self._link_phone(answer["idToken"], phone)
        await account.refresh()
        return account

    async def sign_in(self, credentials: Credentials) -> Account:
        """Sign in to an account that exists."""
        answer = await self._call(
            "accounts:signInWithPassword",
            email=credentials.email,
            password=credentials.password,
            returnSecureToken=True,
        )
        return Account(self, answer)

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Exchange a refresh token for a new ID token."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return _body(await self._client.post(self._tokens, params={"key": API_KEY}, data=form))

    async def _verify_email(self, id_token: str, email: str) -> None:
        await self._call("accounts:sendOobCode", requestType="VERIFY_EMAIL", idToken=id_token)
        emails = _body(await self._client.get(f"{self._emulator}/oobCodes"))["oobCodes"]
        code = next(sent["oobCode"] for sent in reversed(emails) if sent["email"] == email)
        await self._call("accounts:update", oobCode=code)

    async def _link_phone(self, id_token: str, phone: str) -> None:
        session = (await self._call("accounts:sendVerificationCode", phoneNumber=phone))["sessionInfo"]
        messages = _body(await self._client.get(f"{self._emulator}/verificationCodes"))["verificationCodes"]
        code = next(message["code"] for message in messages if message["sessionInfo"] == session)
        await self._call("accounts:signInWithPhoneNumber", sessionInfo=session, code=code, idToken=id_token)

    async def _call(self, method: str, **fields: Any) -> dict[str, Any]:
        url = f"{self._toolkit}/{method}"
        return _body(await self._client.post(url, params={"key": API_KEY}, json=fields))


def _body(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        raise SignUpError(f"{answer.request.url.path}: {answer.status_code} {answer.text[:200]}")
    body: dict[str, Any] = answer.json()
    return body
