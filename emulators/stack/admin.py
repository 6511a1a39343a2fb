"""The admin account of a stack: the one thing that no public route can create."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from emulators.stack.layout import PROJECT, Layout

AS_OWNER = {"Authorization": "Bearer owner"}  # the emulators let this past their rules
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Admin:
    """Sign-in of the stack's admin."""

    uid: str
    email: str
    password: str


async def create_admin(client: httpx.AsyncClient, layout: Layout) -> Admin:
    """Make an account with verified e-mail and phone, and the user document that says it is an admin."""
    email, phone, password = "admin@waybill.test", "+919900000001", secrets.token_urlsafe(12)
    accounts = f"{layout.url('auth')}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts"
    account = {
        "email": email,
        "password": password,
        "emailVerified": True,
        "phoneNumber": phone,
        "displayName": "Admin",
    }
    answer = await client.post(accounts, json=account, headers=AS_OWNER, timeout=TIMEOUT_SECONDS)
    uid = str(answer.raise_for_status().json()["localId"])
    await _write_user(client, layout, uid, email, phone)
    return Admin(uid, email, password)


async def _write_user(client: httpx.AsyncClient, layout: Layout, uid: str, email: str, phone: str) -> None:
    documents = f"{layout.url('firestore')}/v1/projects/{PROJECT}/databases/(default)/documents"
    fields = {
        "roles": {"arrayValue": {"values": [{"stringValue": "admin"}]}},
        "name": {"stringValue": "Admin"},
        "email": {"stringValue": email},
        "phone": {"stringValue": phone},
        "created_at": {"timestampValue": datetime.now(UTC).isoformat()},
    }
    answer = await client.patch(
        f"{documents}/users/{uid}", json={"fields": fields}, headers=AS_OWNER, timeout=TIMEOUT_SECONDS
    )
    answer.raise_for_status()
