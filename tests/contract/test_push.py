"""One suite for `Push`: the fake, the simulation's and the FCM adapter, over the FCM emulator, are alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import httpx
import pytest

from emulators.providers.fcm.server import FcmProvider
from shared.adapters.fcm import FcmPush
from shared.adapters.google_tokens import access_tokens
from shared.kernel.clock import utc_now
from shared.kernel.errors import Unavailable
from shared.notifications.domain import PushMessage
from shared.notifications.ports import Push, Receipt
from tests.contract.simulated import Script, wire
from tests.fakes.notifications import FakePush
from tests.patience import HANG_SECONDS
from tests.simulation.ports.phones import SimulatedPush

DATA = {"notification_id": "ntf_1", "order_id": "ord_1"}


class Service(Protocol):
    """A push service under test, and the phones that it reaches."""

    push: Push

    async def shown(self, token: str) -> dict[str, tuple[str, str, dict[str, str]]]:
        """Return title, body and data of what a phone shows, by message id."""
        ...

    async def kill(self, token: str) -> None:
        """Remove the app from the phone."""
        ...

    async def fail(self, token: str, times: int) -> None:
        """Let the next messages for the phone fail."""
        ...


class Fake:
    """The fake as a service."""

    def __init__(self) -> None:
        self.fake = FakePush()
        self.push: Push = self.fake

    @classmethod
    def simulated(cls) -> Fake:
        """Return the simulation's service, which has a fake behind its wire."""
        service, faults = cls(), Script()
        push = SimulatedPush(wire(faults), faults, lambda _: None)
        service.fake, service.push = push.inner, push
        return service

    async def shown(self, token: str) -> dict[str, tuple[str, str, dict[str, str]]]:
        screen = self.fake.screens[token]
        return {id_: (message.title, message.body, dict(message.data)) for id_, message in screen.items()}

    async def kill(self, token: str) -> None:
        self.fake.dead.add(token)

    async def fail(self, token: str, times: int) -> None:
        self.fake.failing[token] = times


class Fcm:
    """The adapter over the emulator; a phone replaces what it shows under a message's tag."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.push: Push = FcmPush(url, "demo-waybill", access_tokens(url), client=client)
        self._control = client

    async def shown(self, token: str) -> dict[str, tuple[str, str, dict[str, str]]]:
        arrived = (await self._control.get(f"/devices/{token}/messages")).json()["messages"]
        messages: list[dict[str, Any]] = [one["message"] for one in arrived]
        return {
            one["android"]["notification"]["tag"]: (
                one["notification"]["title"],
                one["notification"]["body"],
                one["data"],
            )
            for one in messages
        }

    async def kill(self, token: str) -> None:
        await self._control.delete(f"/_control/devices/{token}")

    async def fail(self, token: str, times: int) -> None:
        rule = {"target": "send", "action": "fail", "times": times, "match": {"token": token}}
        (await self._control.post("/_control/script", json=rule)).raise_for_status()


@pytest.fixture(params=["fake", "simulated", "fcm"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    if request.param == "fake":
        yield Fake()
        return
    if request.param == "simulated":
        yield Fake.simulated()
        return
    provider = FcmProvider(0)
    await provider.start()
    async with httpx.AsyncClient(base_url=provider.url, timeout=HANG_SECONDS, trust_env=False) as client:
        yield Fcm(provider.url, client)
    await provider.stop()


def _message(**changes: Any) -> PushMessage:
    base = PushMessage("ntf_1", "New order", "नमस्ते", DATA, utc_now() + timedelta(minutes=5))
    return replace(base, **changes)


async def test_a_message_is_shown_on_its_device_and_on_no_other(service: Service) -> None:
    assert await service.push.send("phone", _message()) is Receipt.DELIVERED

    assert await service.shown("phone") == {"ntf_1": ("New order", "नमस्ते", DATA)}
    assert await service.shown("other") == {}


async def test_a_repeated_message_is_shown_once_and_another_one_beside_it(service: Service) -> None:
    await service.push.send("phone", _message())
    await service.push.send("phone", _message(title="New order!"))
    await service.push.send("phone", _message(id="ntf_2"))

    assert {id_: title for id_, (title, _, _) in (await service.shown("phone")).items()} == {
        "ntf_1": "New order!",
        "ntf_2": "New order",
    }


async def test_the_token_of_a_removed_app_is_dead_and_others_work(service: Service) -> None:
    await service.kill("phone")

    assert await service.push.send("phone", _message()) is Receipt.DEAD_TOKEN
    assert await service.push.send("other", _message()) is Receipt.DELIVERED


async def test_a_failing_service_says_when_to_retry_and_accepts_the_message_then(service: Service) -> None:
    await service.fail("phone", 2)
    for _ in range(2):
        with pytest.raises(Unavailable) as refusal:
            await service.push.send("phone", _message())
        assert refusal.value.retry_after > timedelta(0)

    assert await service.push.send("phone", _message()) is Receipt.DELIVERED
    assert len(await service.shown("phone")) == 1
