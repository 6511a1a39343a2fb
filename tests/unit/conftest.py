"""What the unit tests share. Functions are tried without their rate limits; `tests/unit/edge` tries these."""

from __future__ import annotations

import pytest

from shared.edge import ratelimit
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase


@pytest.fixture(autouse=True)
def _no_rate_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "_limiter_of", lambda _: None)


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()
