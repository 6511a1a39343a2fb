"""What the unit tests share. Functions are tried without their rate limits; `tests/unit/edge` tries these."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from shared.edge import app
from shared.edge.ratelimit import Policy
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase


async def _everybody(request: Request, policy: Policy, uid: str = "", business: str = "") -> None:
    """Let the request in."""


@pytest.fixture(autouse=True)
def _no_rate_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "admit", _everybody)


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()
