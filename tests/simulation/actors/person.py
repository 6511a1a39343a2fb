"""Anybody's account: a name, a language, phones that come and go, and what else people do with it."""

from __future__ import annotations

import asyncio

from fastapi import Response

from functions.profiles_api.schemas import DeviceRequest, ProfileRequest
from shared.kernel.device import Platform
from shared.profiles.devices import MAX_DEVICES, DeviceNotFound
from shared.profiles.domain import Language
from shared.profiles.preferences import Channel, ProfileChanged, Topic
from tests.simulation.actors.address_book import AddressBook
from tests.simulation.actors.city import City
from tests.simulation.actors.opinions import Opinions
from tests.simulation.actors.second_factor import Cautious
from tests.simulation.actors.shopkeeping import Shopkeeping
from tests.simulation.actors.signins import SignIns
from tests.simulation.actors.verification import VerificationDocuments
from tests.simulation.served import served

accounts = served("profiles_api.routes")

COLLECTS = MAX_DEVICES + 3
"""The phones of somebody who signs in everywhere and out nowhere."""
SUBJECTS = (SignIns, Cautious, AddressBook, VerificationDocuments, Opinions, Shopkeeping)
"""What else people do with their accounts, each at times of their own."""


class Person:
    """What somebody does with their account while they order, cook or drive."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(f"person {uid}")

    async def live(self) -> None:
        """Do everything that one does with an account."""
        await asyncio.gather(self._fiddle(), *(subject(self._uid, self._city).live() for subject in SUBJECTS))

    async def _fiddle(self) -> None:
        """Sign in on a phone, then fiddle with the account until things calm down."""
        await asyncio.sleep(self._chance.uniform(0, 60))
        await self._sign_in("first")
        if self._chance.random() < 0.15:
            await asyncio.gather(*(self._sign_in(str(n)) for n in range(COLLECTS)))
        while not self._city.calm and self._chance.random() < 0.7:
            await asyncio.sleep(self._chance.uniform(10, 150))
            what = self._chance.choice((self._edit, self._sign_in_anew, self._sign_out, self._edit_twice))
            await what()

    async def _sign_in(self, name: str) -> None:
        body = DeviceRequest(token=f"token-{self._uid}-{name}", platform=Platform.ANDROID)
        click = self._client.draw_click(self._chance, twice=0.3)
        await click(f"signs in on {name}", lambda: accounts.add_device(body, self._client.user))

    async def _sign_in_anew(self) -> None:
        await self._sign_in(str(self._chance.randint(1, 4)))

    async def _sign_out(self) -> None:
        """Drop some phone; it is gone afterwards, whoever did it."""
        known = sorted(self._city.store.of(f"users/{self._uid}/devices"))
        if not known:
            return
        gone = self._chance.choice(known)
        click = self._client.draw_click(self._chance, twice=0.3)
        told = await click("signs out", lambda: accounts.delete_device(gone, self._client.user))
        self._city.watch.check(
            told.fits(DeviceNotFound), "22", f"{self._uid} cannot sign out: {told.refusal}"
        )

    async def _edit(self) -> None:
        name = f"{self._uid.title()} {self._chance.randint(1, 99)}"
        wishes = {Topic.ORDERS: {Channel.PUSH: self._chance.random() < 0.5}}
        language = self._chance.choice(list(Language))
        body = ProfileRequest(name=name, language=language, notifications=wishes)
        shown = self._city.store.of("users").get(self._uid, {}).get("version", 0)
        seen = frozenset({int(shown)}) if self._chance.random() < 0.4 else None
        told = await self._client.insist(
            "profile", lambda: accounts.edit_me(body, self._client.user, Response(), seen)
        )
        fine = (ProfileChanged,) if seen else ()
        self._city.watch.check(told.fits(*fine), "22", f"{self._uid} cannot edit: {told.refusal!r}")
        if told.answer is not None:
            self._city.watch.check(
                told.answer["name"] == name,
                "16",
                f"{self._uid} asked for {name} and is {told.answer['name']}",
            )

    async def _edit_twice(self) -> None:
        await asyncio.gather(self._edit(), self._edit(), self._sign_in_anew())
