"""The handlers over a database in memory and devices that show their messages."""

from __future__ import annotations

import pytest

from functions.notifications_events import handlers, wiring
from shared.adapters.firestore.notifications import FirestoreDevices, FirestoreInbox
from tests.unit.notifications.events import COOK, CUSTOMER, DRIVER, WAITER
from tests.unit.notifications.world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    for uid in (CUSTOMER, COOK, WAITER, DRIVER):
        world.person(uid, f"{uid}-phone")
    monkeypatch.setattr(wiring, "devices", lambda: FirestoreDevices(world.database))
    monkeypatch.setattr(wiring, "inbox", lambda: FirestoreInbox(world.database))
    monkeypatch.setattr(wiring, "push", lambda: world.push)
    monkeypatch.setattr(handlers, "utc_now", lambda: world.now)
    return world
