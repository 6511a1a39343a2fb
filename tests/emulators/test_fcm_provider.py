"""The FCM emulator for a sender and for a device."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from emulators.providers.fcm.inboxes import MAX_MESSAGES, Address, Inboxes
from emulators.providers.fcm.server import FcmProvider
from tests.emulators.fake_clock import FakeClock
from tests.emulators.fcm import SEND, TIMEOUT, inbox, message


class TestSending:
    async def test_a_sent_message_arrives_at_its_device_and_at_no_other(self, fcm: httpx.AsyncClient) -> None:
        answer = await fcm.post(SEND, json=message())
        assert answer.status_code == 200
        assert answer.json()["name"].startswith("projects/demo-waybill/messages/")
        [arrived] = await inbox(fcm)
        assert arrived["name"] == answer.json()["name"]
        assert arrived["message"] == message()["message"]
        assert await inbox(fcm, "other") == []

    async def test_a_topic_is_read_at_the_topic(self, fcm: httpx.AsyncClient) -> None:
        await fcm.post(SEND, json={"message": {"topic": "drivers", "data": {"a": "b"}}})
        [arrived] = (await fcm.get("/topics/drivers/messages")).json()["messages"]
        assert arrived["message"] == {"topic": "drivers", "data": {"a": "b"}}

    async def test_messages_up_to_a_sequence_are_not_listed_after_it(self, fcm: httpx.AsyncClient) -> None:
        for number in range(3):
            await fcm.post(SEND, json=message(data={"n": str(number)}))
        first, *rest = await inbox(fcm)
        assert await inbox(fcm, after=first["sequence"]) == rest
        assert await inbox(fcm, after=rest[-1]["sequence"]) == []

    async def test_validate_only_checks_and_delivers_nothing(self, fcm: httpx.AsyncClient) -> None:
        assert (await fcm.post(SEND, json=message() | {"validate_only": True})).status_code == 200
        assert await inbox(fcm) == []
        assert (await fcm.post(SEND, json=message(token=None) | {"validate_only": True})).status_code == 400

    async def test_the_counters_tell_accepted_from_rejected(self, fcm: httpx.AsyncClient) -> None:
        await fcm.post(SEND, json=message())
        await fcm.post(SEND, json=message(token=None))
        counters = (await fcm.get("/_control/state")).json()["counters"]
        assert counters == {"accepted": 1, "validated": 0, "lost": 0, "rejected": {"INVALID_ARGUMENT": 1}}


class TestRefusals:
    @pytest.mark.parametrize("header", ["", "Bearer", "Basic abc"])
    async def test_without_a_bearer_token_nothing_is_sent(self, fcm: httpx.AsyncClient, header: str) -> None:
        answer = await fcm.post(SEND, json=message(), headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
        assert await inbox(fcm) == []

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"message": {}},
            message(token=None),
            message(token=""),
            message(topic="drivers"),
            message(data={"n": 12}),
            message(data={"n": None}),
            message(data={"from": "x"}),
            message(data={"google.x": "x"}),
            message(priority="high"),
            message(notification={"titel": "x"}),
            message() | {"validateonly": True},
            message(data={"x": "y" * 4096}),
            message(token=None, topic="drivers", data={"x": "y" * 2048}),
            message(android="high"),
        ],
    )
    async def test_a_message_that_fcm_refuses_is_invalid(
        self, fcm: httpx.AsyncClient, body: dict[str, Any]
    ) -> None:
        answer = await fcm.post(SEND, json=body)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
        assert error["details"][0]["@type"].startswith("type.googleapis.com/google.")
        assert await inbox(fcm) == []

    async def test_the_error_names_the_invalid_field(self, fcm: httpx.AsyncClient) -> None:
        error = (await fcm.post(SEND, json=message(data={"n": 12}))).json()["error"]
        assert error["details"][0]["fieldViolations"][0]["field"] == "message.data.n"
        error = (await fcm.post(SEND, json=message(priority="high"))).json()["error"]
        assert "Unknown name \"priority\" at 'message'" in error["message"]

    async def test_malformed_json_is_invalid(self, fcm: httpx.AsyncClient) -> None:
        assert (await fcm.post(SEND, content=b'{"message": NaN')).status_code == 400

    async def test_4096_bytes_are_accepted_and_one_more_is_refused(self, fcm: httpx.AsyncClient) -> None:
        assert (await fcm.post(SEND, json=message(notification=None, data={"x": "y" * 4095}))).is_success
        answer = await fcm.post(SEND, json=message(notification=None, data={"x": "é" * 2048}))
        assert answer.status_code == 400

    async def test_an_unregistered_token_is_refused_until_it_is_registered(
        self, fcm: httpx.AsyncClient
    ) -> None:
        await fcm.delete("/_control/devices/phone")
        answer = await fcm.post(SEND, json=message())
        assert answer.status_code == 404
        assert answer.json()["error"]["details"] == [
            {
                "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError",
                "errorCode": "UNREGISTERED",
            }
        ]
        assert (await fcm.post(SEND, json=message(token="other"))).status_code == 200
        await fcm.put("/_control/devices/phone")
        assert (await fcm.post(SEND, json=message())).status_code == 200


class TestLongPoll:
    async def test_a_long_poll_returns_the_message_as_soon_as_it_is_sent(
        self, fcm: httpx.AsyncClient, clock: FakeClock
    ) -> None:
        waiting = asyncio.create_task(inbox(fcm, wait=30))
        await clock.until_asleep_for(30)
        await fcm.post(SEND, json=message(token="other"))
        assert not waiting.done()
        await fcm.post(SEND, json=message())
        assert [arrived["message"]["token"] for arrived in await waiting] == ["phone"]

    async def test_a_long_poll_without_a_message_ends_empty(
        self, fcm: httpx.AsyncClient, clock: FakeClock
    ) -> None:
        waiting = asyncio.create_task(inbox(fcm, wait=30))
        await clock.until_asleep_for(30)
        clock.advance(timedelta(seconds=30))
        assert await waiting == []

    @pytest.mark.parametrize("query", [{"after": "x"}, {"wait": "nan"}, {"wait": "-1"}])
    async def test_an_invalid_query_is_refused(self, fcm: httpx.AsyncClient, query: dict[str, str]) -> None:
        assert (await fcm.get("/devices/phone/messages", params=query)).status_code == 400

    async def test_a_stop_ends_a_long_poll(self, clock: FakeClock) -> None:
        provider = FcmProvider(0, clock=clock)
        await provider.start()
        async with httpx.AsyncClient(base_url=provider.url, timeout=TIMEOUT, trust_env=False) as client:
            waiting = asyncio.create_task(inbox(client, wait=30))
            await clock.until_asleep_for(30)
            await provider.stop()
            assert await waiting == []


class TestMemory:
    def test_only_the_last_ten_thousand_messages_are_stored(self) -> None:
        inboxes = Inboxes()
        once, often = Address(token="once"), Address(token="often")
        inboxes.put(once, "first", {}, 0.0)
        for _ in range(MAX_MESSAGES):
            inboxes.put(often, "later", {}, 0.0)
        assert len(inboxes.all()) == MAX_MESSAGES
        assert inboxes.after(once, 0) == []
        assert [held.sequence for held in inboxes.after(often, 0)] == list(range(2, MAX_MESSAGES + 2))


class TestLifecycle:
    async def test_start_and_stop_are_idempotent(self) -> None:
        provider = FcmProvider(0)
        await provider.start()
        await provider.start()
        await provider.stop()
        await provider.stop()

    async def test_a_port_in_use_fails_the_start(self) -> None:
        provider = FcmProvider(0)
        await provider.start()
        second = FcmProvider(int(provider.url.rsplit(":", 1)[1]))
        with pytest.raises(OSError, match="in use"):
            await second.start()
        await provider.stop()
