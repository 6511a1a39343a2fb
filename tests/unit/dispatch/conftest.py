"""Fixtures of the tests of dispatch."""

from __future__ import annotations

import pytest

from shared.dispatch.usecases.make_offer import Outcome
from tests.unit.dispatch.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def offered(world: World) -> World:
    """Offer the order to asha; bala is the next candidate."""
    world.add_order()
    await world.add_driver("asha", 100)
    await world.add_driver("bala", 2_500)
    assert await world.search() is Outcome.OFFERED
    return world
