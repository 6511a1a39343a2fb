"""Functions are tried without their rate limits; `tests/unit/edge` tries these."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from shared.edge import app
from shared.edge.ratelimit import Policy


async def _everybody(request: Request, policy: Policy, uid: str = "", business: str = "") -> None:
    """Let the request in."""


@pytest.fixture(autouse=True)
def _no_rate_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "admit", _everybody)
