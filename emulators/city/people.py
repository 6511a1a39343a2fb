"""The users of the demo: how they sign up, and the clients that each of them has."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from emulators.city.bengaluru import NAMES
from emulators.city.phone import Phone
from emulators.client.api import ApiClient
from emulators.client.auth import Account, Credentials, Identity
from emulators.client.joining import join_as_operator
from emulators.client.operations import accounts
from emulators.listeners import Condition, Listeners, Watch

RETRY_SECONDS = 60.0
SIGN_UP_CONCURRENCY = 6
"""How many users sign up concurrently: the machine has other work too."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user with an account, a phone and an open app."""

    name: str
    uid: str
    api: ApiClient
    phone: Phone
    listeners: Listeners

    def watch(self, collection: str, *where: Condition) -> Watch:
        """Listen to a query as this user."""
        return self.listeners.watch(self.uid, collection, *where)


class Registry:
    """Signs users up, each with verified e-mail and phone. `env` has the addresses of the stack."""

    def __init__(self, env: Mapping[str, str], http: httpx.AsyncClient, listeners: Listeners) -> None:
        self._env = env
        self._http = http
        self._listeners = listeners
        self._identity = Identity(http, env["FIREBASE_AUTH_EMULATOR_HOST"], env["GOOGLE_CLOUD_PROJECT"])
        self._semaphore = asyncio.Semaphore(SIGN_UP_CONCURRENCY)
        self._joined = 0

    async def join(self) -> Person:
        """Return the next user, signed in to all services."""
        self._joined += 1
        number = self._joined
        async with self._semaphore:
            return await self._join(NAMES[number % len(NAMES)], number)

    async def admin(self) -> ApiClient:
        """Return the API client of the stack's admin, after enrolling a second factor."""
        credentials = Credentials(self._env["ADMIN_EMAIL"], self._env["ADMIN_PASSWORD"])
        api = self._api(await self._identity.sign_in(credentials))
        await join_as_operator(api, self._env["ADMIN_ENROLMENT_CODE"])
        return api

    def _api(self, account: Account) -> ApiClient:
        return ApiClient(self._http, self._env["WAYBILL_URL"], account, retry_seconds=RETRY_SECONDS)

    async def _join(self, name: str, number: int) -> Person:
        address = "".join(
            letter for letter in name.lower().replace(" ", ".") if letter.isalpha() or letter == "."
        )
        credentials = Credentials(f"{address}.{number}@city.test", secrets.token_urlsafe(12))
        account = await self._identity.sign_up(name, credentials, phone=f"+9198{number:08d}")
        api = self._api(account)
        phone = Phone(self._http, self._env["FCM_API_URL"], token=f"phone-{secrets.token_hex(16)}")
        await api.do(accounts.update_profile(name=name, language="en"))
        await api.do(accounts.register_device(phone.token, "android"))
        await self._listeners.sign_in(account.uid, credentials.email, credentials.password)
        return Person(name, account.uid, api, phone, self._listeners)
