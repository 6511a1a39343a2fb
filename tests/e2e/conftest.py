"""The town of an end-to-end test, and what can stand between the functions and Firestore."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from emulators.firestore_meter import FirestoreMeter
from emulators.stack.ports import PortLease
from tests.e2e.scene import Town, town
from tests.stack import RunningStack


@pytest.fixture(name="town")
async def _town(stack: RunningStack) -> AsyncIterator[Town]:
    async with town(stack) as place:
        yield place


@pytest.fixture
async def meter() -> AsyncIterator[FirestoreMeter]:
    with PortLease(["meter"]) as lease:
        meter = FirestoreMeter(lease.ports["meter"])
        await meter.start()
        yield meter
        await meter.stop()
