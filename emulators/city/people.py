"""People: how they join Waybill, and what each of them has at hand."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from emulators.city.api import Api
from emulators.city.auth import Credentials, Identity
from emulators.city.bengaluru import NAMES
from emulators.city.phone import Phone
from emulators.city.second_factor import enrol
from emulators.listeners import Condition, Listeners, Watch

AT_ONCE = 6
"""How many people sign up at the same time: the two cores have other work too."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, a phone, and the app open."""

    name: str
    uid: str
    api: Api
    phone: Phone
    listeners: Listeners

    def watch(self, collection: str, *where: Condition) -> Watch:
        """Listen to a query of one's own."""
        return self.listeners.watch(self.uid, collection, *where)


class Registry:
    """Signs people up, each with verified e-mail and phone. `env` says where the stack is."""

    def __init__(self, env: Mapping[str, str], client: httpx.AsyncClient, listeners: Listeners) -> None:
        self._env = env
        self._client = client
        self._listeners = listeners
        self._identity = Identity(client, env["FIREBASE_AUTH_EMULATOR_HOST"], env["GOOGLE_CLOUD_PROJECT"])
        self._semaphore = asyncio.Semaphore(AT_ONCE)
        self._joined = 0

    async def join(self) -> Person:
        """Return the next person of the town, signed in everywhere."""
        self._joined += 1
        number = self._joined
        async with self._semaphore:
            return await self._join(NAMES[number % len(NAMES)], number)

    async def admin(self) -> Api:
        """Return the API in the hands of the stack's admin, who has a second factor from now on."""
        credentials = Credentials(self._env["ADMIN_EMAIL"], self._env["ADMIN_PASSWORD"])
        api = Api(self._client, self._env["WAYBILL_URL"], await self._identity.sign_in(credentials))
        await enrol(api)
        return api

    async def _join(self, name: str, number: int) -> Person:
        address = "".join(
            letter for letter in name.lower().replace(" ", ".") if letter.isalpha() or letter == "."
        )
        credentials = Credentials(f"{address}.{number}@city.test", secrets.token_urlsafe(12))
        account = await self._identity.sign_up(name, credentials, phone=f"+9198{number:08d}")
        api = Api(self._client, self._env["WAYBILL_URL"], account)
        phone = Phone(self._client, self._env["FCM_API_URL"], token=f"phone-{secrets.token_hex(16)}")
        await api.put("/me", {"name": name, "language": "en"})
        await api.post("/me/devices", {"token": phone.token, "platform": "android"})
        await self._listeners.sign_in(account.uid, credentials.email, credentials.password)
        return Person(name, account.uid, api, phone, self._listeners)
