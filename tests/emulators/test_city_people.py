"""The sign-up of demo users, and their listeners through the client SDK."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest

from emulators.client.api import open_http
from emulators.client.auth import Account, Credentials, Identity
from emulators.listeners import Change, ListenerError, Listeners, Watch
from tests.stack import RunningStack

pytestmark = pytest.mark.emulator


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_http() as client:
        yield client


@pytest.fixture
async def listeners(stack: RunningStack) -> AsyncIterator[Listeners]:
    async with Listeners(stack.env) as listeners:
        yield listeners


async def sign_up(stack: RunningStack, client: httpx.AsyncClient) -> tuple[Account, Credentials]:
    """Sign up a user that no other test uses."""
    identity = Identity(client, stack.env["FIREBASE_AUTH_EMULATOR_HOST"], stack.env["GOOGLE_CLOUD_PROJECT"])
    credentials = Credentials(f"{secrets.token_hex(8)}@example.com", secrets.token_hex(8))
    account = await identity.sign_up("Asha Rao", credentials, f"+9197{secrets.randbelow(10**8):08d}")
    return account, credentials


async def write_order(stack: RunningStack, client: httpx.AsyncClient, customer: str, note: str) -> None:
    """Write an order with server rights, as a function does."""
    host, project = stack.env["FIRESTORE_EMULATOR_HOST"], stack.env["GOOGLE_CLOUD_PROJECT"]
    url = f"http://{host}/v1/projects/{project}/databases/(default)/documents/orders/ord_of_{customer}"
    fields: dict[str, Any] = {
        "customer_id": {"stringValue": customer},
        "merchant_id": {"stringValue": "mer_1"},
        "assignment": {"mapValue": {"fields": {"driver_id": {"nullValue": None}}}},
        "placed_at": {"timestampValue": "2026-11-20T12:00:00.123456Z"},
        "note": {"stringValue": note},
    }
    owner = {"Authorization": "Bearer owner"}
    (await client.patch(url, headers=owner, json={"fields": fields})).raise_for_status()


async def next_of(watch: Watch) -> Change:
    """Return the next change of a stream."""
    return await anext(aiter(watch))


async def test_a_new_user_has_a_verified_email_and_phone_in_the_token(
    stack: RunningStack, client: httpx.AsyncClient
) -> None:
    account, credentials = await sign_up(stack, client)
    claims = jwt.decode(await account.token(), options={"verify_signature": False})
    assert claims["email"] == credentials.email
    assert claims["email_verified"] is True
    assert claims["phone_number"].startswith("+9197")
    assert claims["sub"] == account.uid


async def test_a_listener_delivers_a_document_and_each_change_of_it(
    stack: RunningStack, client: httpx.AsyncClient, listeners: Listeners
) -> None:
    account, credentials = await sign_up(stack, client)
    assert await listeners.sign_in("asha", credentials.email, credentials.password) == account.uid
    watch = listeners.watch("asha", "orders", ("customer_id", "==", account.uid))
    await watch.ready()
    await write_order(stack, client, account.uid, "no onions")
    first = await next_of(watch)
    await write_order(stack, client, account.uid, "no garlic")
    second = await next_of(watch)
    assert (first.type, first.data["note"]) == ("added", "no onions")
    assert first.data["placed_at"] == "2026-11-20T12:00:00.123456+00:00"
    assert (second.type, second.data["note"]) == ("modified", "no garlic")


async def test_a_query_that_the_rules_deny_ends_its_stream_and_no_other(
    stack: RunningStack, client: httpx.AsyncClient, listeners: Listeners
) -> None:
    account, credentials = await sign_up(stack, client)
    await listeners.sign_in("asha", credentials.email, credentials.password)
    own = listeners.watch("asha", "orders", ("customer_id", "==", account.uid))
    with pytest.raises(ListenerError, match="permission-denied"):
        await next_of(listeners.watch("asha", "orders", ("customer_id", "==", "another")))
    await write_order(stack, client, account.uid, "no onions")
    assert (await next_of(own)).data["note"] == "no onions"


async def test_a_wrong_password_is_refused(
    stack: RunningStack, client: httpx.AsyncClient, listeners: Listeners
) -> None:
    _, credentials = await sign_up(stack, client)
    with pytest.raises(ListenerError, match="auth/wrong-password"):
        await listeners.sign_in("asha", credentials.email, "a guess")
