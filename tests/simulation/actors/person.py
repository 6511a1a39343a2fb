"""A user's account: name, language, devices, and everything else that users do with it."""

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
from tests.simulation.actors.second_factor import CautiousUser
from tests.simulation.actors.shopkeeping import Shopkeeping
from tests.simulation.actors.signins import SignIns
from tests.simulation.actors.verification import VerificationDocuments
from tests.simulation.served import served

profiles = served("profiles_api.routes")

COLLECTS = MAX_DEVICES + 3
"""The devices of a user who signs in everywhere and never out."""
SUBJECTS = (SignIns, CautiousUser, AddressBook, VerificationDocuments, Opinions, Shopkeeping)
"""The other things that users do with their accounts, each at its own times."""


class Person:
    """A user's account, which they use while they order, cook or drive."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(f"person {uid}")

    async def live(self) -> None:
        """Act out the account."""
        await asyncio.gather(self._use(), *(subject(self._uid, self._city).live() for subject in SUBJECTS))

    async def _use(self) -> None:
        """Register a device, then edit the profile and the devices while faults may happen."""
        await asyncio.sleep(self._chance.uniform(0, 60))
        await self._sign_in("first")
        if self._chance.random() < 0.15:
            await asyncio.gather(*(self._sign_in(str(n)) for n in range(COLLECTS)))
        while not self._city.calm and self._chance.random() < 0.7:
            await asyncio.sleep(self._chance.uniform(10, 150))
            act = self._chance.choice((self._edit, self._sign_in_again, self._sign_out, self._edit_twice))
            await act()

    async def _sign_in(self, name: str) -> None:
        body = DeviceRequest(token=f"token-{self._uid}-{name}", platform=Platform.ANDROID)
        click = self._client.draw_click(self._chance, twice=0.3)
        await click(f"signs in on {name}", lambda: profiles.add_device(body, self._client.user))

    async def _sign_in_again(self) -> None:
        await self._sign_in(str(self._chance.randint(1, 4)))

    async def _sign_out(self) -> None:
        """Remove a device; it is gone afterwards, whichever request removed it."""
        known = sorted(self._city.store.of(f"users/{self._uid}/devices"))
        if not known:
            return
        removed = self._chance.choice(known)
        click = self._client.draw_click(self._chance, twice=0.3)
        outcome = await click("signs out", lambda: profiles.delete_device(removed, self._client.user))
        self._city.watch.check(
            outcome.fits(DeviceNotFound), "22", f"{self._uid} cannot sign out: {outcome.refusal}"
        )

    async def _edit(self) -> None:
        name = f"{self._uid.title()} {self._chance.randint(1, 99)}"
        settings = {topic: {Channel.PUSH: self._chance.random() < 0.5} for topic in Topic}
        language = self._chance.choice(list(Language))
        body = ProfileRequest(name=name, language=language, notifications=settings)
        version = self._city.store.of("users").get(self._uid, {}).get("version", 0)
        seen = frozenset({int(version)}) if self._chance.random() < 0.4 else None
        outcome = await self._client.insist(
            "profile", lambda: profiles.edit_me(body, self._client.user, Response(), seen)
        )
        expected = (ProfileChanged,) if seen else ()
        self._city.watch.check(outcome.fits(*expected), "22", f"{self._uid} cannot edit: {outcome.refusal!r}")
        if outcome.answer is not None:
            self._city.watch.check(
                outcome.answer["name"] == name,
                "16",
                f"{self._uid} asked for {name} and is {outcome.answer['name']}",
            )

    async def _edit_twice(self) -> None:
        await asyncio.gather(self._edit(), self._edit(), self._sign_in_again())
