"""What the tests of dispatch share."""

from __future__ import annotations

import pytest

from tests.unit.dispatch.world import World


@pytest.fixture
def world() -> World:
    return World()
