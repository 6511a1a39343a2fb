"""Fixtures of the tests of payments."""

from __future__ import annotations

import pytest

from tests.unit.payments.world import World


@pytest.fixture
def world() -> World:
    return World()
