"""The scripted faults of the FCM emulator."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.emulators.fake_clock import FakeClock
from tests.emulators.fcm import SEND, inbox, message, script


class TestScript:
    async def test_the_quota_is_exceeded_as_often_as_scripted(self, fcm: httpx.AsyncClient) -> None:
        await script(fcm, action="quota", times=2, delay_seconds=7)
        for _ in range(2):
            answer = await fcm.post(SEND, json=message())
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
            assert answer.json()["error"]["details"][0]["errorCode"] == "QUOTA_EXCEEDED"
        assert (await fcm.post(SEND, json=message())).status_code == 200
        assert len(await inbox(fcm)) == 1

    async def test_fcm_is_unavailable_for_the_matching_device_until_the_reset(
        self, fcm: httpx.AsyncClient
    ) -> None:
        await script(fcm, action="fail", times=None, match={"token": "phone"})
        for _ in range(3):
            answer = await fcm.post(SEND, json=message())
            assert answer.status_code == 503
            assert answer.json()["error"]["status"] == "UNAVAILABLE"
        assert (await fcm.post(SEND, json=message(token="other"))).status_code == 200
        await fcm.delete("/_control/script")
        assert (await fcm.post(SEND, json=message())).status_code == 200

    async def test_a_timed_out_message_has_arrived(self, fcm: httpx.AsyncClient, clock: FakeClock) -> None:
        await script(fcm, action="timeout", delay_seconds=20)
        sending = asyncio.create_task(fcm.post(SEND, json=message()))
        await clock.until_asleep_for(20)
        assert len(await inbox(fcm)) == 1
        assert not sending.done()
        clock.advance(timedelta(seconds=20))
        assert (await sending).status_code == 200

    async def test_a_delayed_message_arrives_late(self, fcm: httpx.AsyncClient, clock: FakeClock) -> None:
        await script(fcm, action="delay", delay_seconds=5)
        sending = asyncio.create_task(fcm.post(SEND, json=message()))
        await clock.until_asleep_for(5)
        assert await inbox(fcm) == []
        clock.advance(timedelta(seconds=5))
        await sending
        assert len(await inbox(fcm)) == 1

    async def test_a_dropped_request_gets_no_answer_and_delivers_nothing(
        self, fcm: httpx.AsyncClient
    ) -> None:
        await script(fcm, action="drop")
        with pytest.raises(httpx.TransportError):
            await fcm.post(SEND, json=message())
        assert await inbox(fcm) == []

    async def test_a_lost_message_is_accepted_and_never_arrives(self, fcm: httpx.AsyncClient) -> None:
        await script(fcm, action="lose")
        assert (await fcm.post(SEND, json=message())).status_code == 200
        assert await inbox(fcm) == []

    async def test_a_duplicated_message_arrives_twice_under_one_name(self, fcm: httpx.AsyncClient) -> None:
        await script(fcm, action="duplicate")
        await fcm.post(SEND, json=message())
        one, other = await inbox(fcm)
        assert one["name"] == other["name"]
        assert one["sequence"] < other["sequence"]

    @pytest.mark.parametrize(
        "rule",
        [
            {"target": "refund", "action": "fail"},
            {"target": "send", "action": "reorder"},
            {"target": "send", "action": "delay"},
            {"target": "send", "action": "delay", "delay_seconds": 1e300},
            {"target": "send", "action": "fail", "times": 0},
            {"target": "send", "action": "fail", "often": 1},
        ],
    )
    async def test_an_unsupported_fault_is_refused(
        self, fcm: httpx.AsyncClient, rule: dict[str, Any]
    ) -> None:
        assert (await fcm.post("/_control/script", json=rule)).status_code == 400
        assert (await fcm.post(SEND, json=message())).status_code == 200
