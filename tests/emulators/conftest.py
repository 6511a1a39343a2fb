"""What the tests of the emulators share: a clock, a signer and a function that records its calls."""

from __future__ import annotations

from tests.emulators.cloud_tasks import client, emulator, later
from tests.emulators.eventarc import bridge, pub, trigger
from tests.emulators.fcm import fcm
from tests.emulators.function import clock, function, signer
from tests.emulators.gateway import gateway, public
from tests.emulators.shop import provider, receiver, shop

__all__ = [
    "bridge",
    "client",
    "clock",
    "emulator",
    "fcm",
    "function",
    "gateway",
    "later",
    "provider",
    "pub",
    "public",
    "receiver",
    "shop",
    "signer",
    "trigger",
]
