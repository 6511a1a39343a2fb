"""The handlers over a database in memory and devices that show their messages."""

from __future__ import annotations

import pytest

from tests.unit.notifications.events import COOK, CUSTOMER, DRIVER, WAITER
from tests.unit.notifications.world import World


@pytest.fixture
def world() -> World:
    world = World()
    for uid in (CUSTOMER, COOK, WAITER, DRIVER):
        world.person(uid, f"{uid}-phone")
    return world
