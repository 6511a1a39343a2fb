"""The FCM emulator on the clock of the test, with the calls of a sender and a device."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from emulators.providers.fcm.server import FcmProvider
from tests.emulators.fake_clock import FakeClock
from tests.patience import HANG_SECONDS

SEND = "/v1/projects/demo-waybill/messages:send"
BEARER = {"Authorization": "Bearer anything"}
TIMEOUT = httpx.Timeout(HANG_SECONDS)


@pytest.fixture
async def fcm(clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    provider = FcmProvider(0, clock=clock)
    await provider.start()
    async with httpx.AsyncClient(
        base_url=provider.url, headers=BEARER, timeout=TIMEOUT, trust_env=False
    ) as client:
        yield client
    await provider.stop()


def message(**changes: Any) -> dict[str, Any]:
    content = {"token": "phone", "notification": {"title": "Offer", "body": "30 s"}, "data": {"offer": "1"}}
    return {"message": {k: v for k, v in (content | changes).items() if v is not None}}


async def inbox(fcm: httpx.AsyncClient, device: str = "phone", **query: float) -> list[dict[str, Any]]:
    answer = await fcm.get(f"/devices/{device}/messages", params=query)
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


async def script(fcm: httpx.AsyncClient, **rule: Any) -> None:
    assert (await fcm.post("/_control/script", json={"target": "send", **rule})).status_code == 201
