"""A user's address book: addresses are added, changed and removed, some from two phones at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import Response

from functions.profiles_api.address_schemas import AddressRequest
from shared.edge.reported import Coordinates
from shared.profiles.addresses import AddressChanged, AddressNotFound, AddressTooVague, AddressUnknown
from tests.simulation.actors.city import CENTRE, City
from tests.simulation.clients import Outcome
from tests.simulation.ports.outside import AREAS, KNOWN_PLACES
from tests.simulation.served import served

addresses = served("profiles_api.address_routes")

SHARE = 0.15


class AddressBook:
    """Uses the address book while faults may happen."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(f"addresses {uid}")
        self._count = 0

    async def live(self) -> None:
        """Add an address, then add, change and remove addresses at random."""
        if not self._city.scenario.acts("addresses", self._uid, SHARE):
            return
        await asyncio.sleep(self._chance.uniform(5, 150))
        await self._add()
        while not self._city.calm and self._chance.random() < 0.8:
            await asyncio.sleep(self._chance.uniform(5, 60))
            act = self._chance.choice((self._add, self._change, self._remove, self._all_at_once))
            await act()

    async def _all_at_once(self) -> None:
        await asyncio.gather(self._add(), self._change(), self._remove(), self._change())

    def _entry(self) -> AddressRequest:
        """Return an address that the geocoder knows, one that it does not know, or one with coordinates."""
        self._count += 1
        known = self._chance.choice((*KNOWN_PLACES, *AREAS, "Nowhere Lane"))
        here = Coordinates(lat=CENTRE.lat, lng=CENTRE.lng) if self._chance.random() < 0.4 else None
        label, default = f"place {self._count}", self._chance.random() < 0.4
        return AddressRequest(label=label, address=known.title(), location=here, default=default)

    async def _add(self) -> None:
        body = self._entry()
        key = self._client.key("/me/addresses", body.label, body.label)
        click = self._client.draw_click(self._chance, twice=0.4)
        outcome = await click("adds a place", lambda: addresses.add(body, self._client.user, key), key)
        self._city.watch.check(
            outcome.fits(AddressUnknown, AddressTooVague),
            "22",
            f"{self._uid} cannot add a place: {outcome.refusal!r}",
        )
        self._check_pin(body, outcome)
        if outcome.answer is not None:
            same = [place for place in self._stored().values() if place["label"] == body.label]
            self._city.watch.check(len(same) < 2, "2", f"{self._uid} added one place and has {len(same)}")

    def _check_pin(self, body: AddressRequest, outcome: Outcome) -> None:
        """Check that no address lies in the middle of an area."""
        area = body.location is None and body.address.casefold() in AREAS
        self._city.watch.check(
            not (area and outcome.answer), "pin", f"{self._uid} saved {body.address}, which names an area"
        )

    async def _change(self) -> None:
        known = self._stored()
        if not known:
            return
        name = self._chance.choice(sorted(known))
        seen = frozenset({int(known[name]["version"])}) if self._chance.random() < 0.5 else None
        body = self._entry()
        outcome = await self._client.insist(
            "changes a place",
            lambda: addresses.change(name, body, self._client.user, Response(), seen),
        )
        expected = (AddressUnknown, AddressTooVague, AddressNotFound, *((AddressChanged,) if seen else ()))
        self._city.watch.check(
            outcome.fits(*expected), "22", f"{self._uid} cannot change a place: {outcome.refusal!r}"
        )

    async def _remove(self) -> None:
        known = self._stored()
        if not known:
            return
        name = self._chance.choice(sorted(known))
        click = self._client.draw_click(self._chance, twice=0.3)
        outcome = await click("forgets a place", lambda: addresses.remove(name, self._client.user))
        self._city.watch.check(
            outcome.fits(AddressNotFound), "22", f"{self._uid} cannot forget a place: {outcome.refusal!r}"
        )

    def _stored(self) -> Mapping[str, Mapping[str, Any]]:
        return self._city.store.of(f"users/{self._uid}/addresses")
