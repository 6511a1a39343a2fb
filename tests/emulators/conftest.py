"""What the tests of the emulators share: a clock, a signer and a function that records its calls."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from emulators.oidc import Signer
from tests.emulators.cloud_tasks import client, emulator, later
from tests.emulators.eventarc import bridge, pub, trigger
from tests.emulators.fake_clock import FakeClock
from tests.emulators.fcm import fcm
from tests.emulators.gateway import gateway, public
from tests.emulators.recorder import Recorder
from tests.emulators.shop import provider, receiver, shop

__all__ = [
    "bridge",
    "client",
    "emulator",
    "fcm",
    "gateway",
    "later",
    "provider",
    "pub",
    "public",
    "receiver",
    "shop",
    "trigger",
]


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
