"""The town of an end-to-end test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.e2e.scene import Town, town
from tests.stack import RunningStack


@pytest.fixture(name="town")
async def _town(stack: RunningStack) -> AsyncIterator[Town]:
    async with town(stack) as place:
        yield place
