"""What happened to an order reads the same by the API and by the client SDK's listener."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from emulators.city.listener_cache import ListenerCache
from emulators.listeners import Listeners
from tests.e2e.scene import PASSWORD, Town, ok
from tests.patience import HANG_SECONDS

pytestmark = [pytest.mark.emulator, pytest.mark.mission("C7")]


def _as_told(entry: Mapping[str, Any]) -> tuple[object, ...]:
    at = datetime.fromisoformat(entry["at"]).replace(microsecond=0)
    return entry["seq"], entry["event_id"], entry["type"], entry["actor"], at


async def test_the_listener_and_the_api_tell_the_same_from_any_number_on(town: Town) -> None:
    customer = await town.person()
    order_id = await town.place(customer)
    async with Listeners(town.stack.env) as listeners:
        await listeners.sign_in(customer.uid, ok(await customer.get("/me"))["email"], PASSWORD)
        mirror = ListenerCache(listeners.watch(customer.uid, "orders", ("customer_id", "==", customer.uid)))
        following = asyncio.create_task(mirror.follow())
        await town.pay(customer, order_id)
        await town.cook(order_id)

        heard = await asyncio.wait_for(
            mirror.until(order_id, lambda order: order is not None and order["fulfilment"] == "ready"),
            HANG_SECONDS,
        )
        following.cancel()

    assert heard is not None
    told = [_as_told(entry) for entry in heard["timeline"]]
    for after in range(len(told) + 1):
        events = ok(await customer.get(f"/orders/{order_id}/events", after=after))["events"]
        assert [_as_told(entry) for entry in events][: len(told) - after] == told[after:]
    assert [entry[0] for entry in told] == list(range(1, len(told) + 1))
