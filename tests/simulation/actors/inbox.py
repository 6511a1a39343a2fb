"""A user's app: it reads the profile when it opens, and marks notifications as read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from fastapi import Response

from shared.profiles.inbox import NotificationNotFound
from tests.simulation.actors.city import City
from tests.simulation.served import served

inbox = served("profiles_api.inbox_routes")
profiles = served("profiles_api.routes")

SHARE = 0.25
NUMBER = "+919800000002"


class Inbox:
    """Opens the app now and then, while things may go wrong."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client, self._chance = city.client(uid), city.chance(f"inbox {uid}")

    async def live(self) -> None:
        """Read the profile, once with a new phone number; mark one notification or all."""
        if not self._city.scenario.acts("inboxes", self._uid, SHARE):
            return
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(1, 60))
            click = self._client.draw_click(self._chance, twice=0.4)
            await click("opens the app", lambda: profiles.read_me(self._client.user, Response()))
            if self._chance.random() < 0.4:
                self._client.user = replace(self._client.user, phone=NUMBER)
            await self._read()

    async def _read(self) -> None:
        known = sorted(self._city.store.of(f"users/{self._uid}/inbox"))
        click = self._client.draw_click(self._chance, twice=0.4)
        if not known or self._chance.random() < 0.3:
            await click("marks all as read", lambda: inbox.read_all(self._client.user))
            return
        name = self._chance.choice(known)
        mark = partial(inbox.read_one, name)
        told = await click("marks as read", lambda: mark(self._client.user))
        self._city.watch.check(
            told.fits(NotificationNotFound), "22", f"{self._uid} cannot mark {name[-6:]}: {told.refusal!r}"
        )
        if told.answer is not None:
            marked = self._city.store.of(f"users/{self._uid}/inbox")[name]["read"]
            self._city.watch.check(marked, "16", f"{self._uid} has read {name[-6:]}, and it is unread")
