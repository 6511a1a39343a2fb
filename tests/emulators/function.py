"""A function that runs, with the clock and the signer of its caller."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from emulators.oidc import Signer
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def signer(clock: FakeClock) -> Signer:
    return Signer("http://127.0.0.1:9999/oidc", clock)


@pytest.fixture
async def function() -> AsyncIterator[Recorder]:
    """A function that runs, on a port of its own."""
    recorder = Recorder()
    await recorder.start()
    yield recorder
    await recorder.stop()
