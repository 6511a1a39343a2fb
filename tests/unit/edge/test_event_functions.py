"""The envelopes in which an event function takes messages of Pub/Sub."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from shared.edge.events import MESSAGE_PUBLISHED, create_event_app
from shared.edge.settings import Settings
from shared.kernel.event import Event
from tests.fakes.runtime import FakeRuntime

SUBSCRIPTION = "projects/demo-waybill/subscriptions/orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class BellRung(Event):
    TYPE: ClassVar[str] = "waybill.orders.bell_rung.v1"


RING = b'{"id": "evt_1", "at": "2026-11-20T12:00:00Z", "actor": "asha"}'


class Bell:
    """A function that handles one event."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        runtime = FakeRuntime()
        self.app: FastAPI = create_event_app(
            "bell_events",
            {BellRung: self._ring},
            settings=lambda: runtime.settings(Settings),
            runtime=runtime,
        )
        self.app.state.guard = None

    async def _ring(self, event: BellRung, _: Any, __: datetime) -> None:
        self.rung.append(event.id)

    async def post(self, body: Any, **headers: str) -> int:
        transport = ASGITransport(app=self.app)
        async with AsyncClient(transport=transport, base_url="http://bell") as client:
            return (await client.post("/", json=body, headers=headers)).status_code


def envelope(type_: str = BellRung.TYPE) -> dict[str, Any]:
    message = {"data": base64.b64encode(RING).decode(), "attributes": {"ce-type": type_}, "messageId": "1"}
    return {"message": message, "subscription": SUBSCRIPTION}


@pytest.mark.parametrize("headers", [{"ce-type": MESSAGE_PUBLISHED}, {}], ids=["Eventarc", "Pub/Sub"])
async def test_a_message_is_handled_as_eventarc_and_as_pubsub_posts_it(headers: dict[str, str]) -> None:
    bell = Bell()
    assert await bell.post(envelope(), **headers) == 204
    assert bell.rung == ["evt_1"]


async def test_an_event_without_a_handler_is_acknowledged() -> None:
    bell = Bell()
    assert await bell.post(envelope("waybill.orders.bell_cast.v1")) == 204
    assert bell.rung == []


async def test_another_cloud_event_is_refused() -> None:
    bell = Bell()
    assert await bell.post(envelope(), **{"ce-type": "google.cloud.storage.object.v1.finalized"}) == 400
    assert bell.rung == []
