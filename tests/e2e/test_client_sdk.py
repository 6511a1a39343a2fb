"""The unmodified Firebase client SDK in Node: callables instead of REST, and the Storage emulator."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from pathlib import Path

import pytest

from emulators.client.auth import Credentials
from emulators.stack.locate import node
from tests.e2e.scene import PASSWORD, Town

pytestmark = [pytest.mark.emulator, pytest.mark.mission("L5", "C1")]

SCRIPT = Path(__file__).with_name("client_sdk.test.mjs")
LIMIT_MS = 60_000
"""How long one check may take before it is named as the one that hangs."""


async def test_the_client_sdk_places_an_order_by_callables_and_understands_refusals(town: Town) -> None:
    credentials = Credentials(f"sdk-{secrets.token_hex(4)}@example.com", PASSWORD)
    phone = f"+9188{secrets.randbelow(10**8):08}"
    await town.identity.sign_up("Asha Rao", credentials, phone)
    addresses = town.stack.addresses
    running = await asyncio.create_subprocess_exec(
        str(node()),
        "--test",
        f"--test-timeout={LIMIT_MS}",
        "--test-reporter=spec",
        str(SCRIPT),
        env={
            **os.environ,
            **town.stack.env,
            "EMAIL": credentials.email,
            "PASSWORD": credentials.password,
            "WISH": json.dumps(town.wish()),
            "FUNCTIONS_PORT": addresses["callables"],
            "STORAGE_PORT": addresses["storage"],
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await running.communicate()
    if running.returncode:
        pytest.fail(output.decode(), pytrace=False)
