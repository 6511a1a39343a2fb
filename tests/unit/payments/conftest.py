"""What the tests of payments share."""

from __future__ import annotations

import pytest

from tests.unit.payments.world import World


@pytest.fixture
def world() -> World:
    return World()
