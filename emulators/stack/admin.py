"""The admin account of a stack: no public route can create it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from emulators.stack.layout import PROJECT, Layout
from shared.identity.enrolment_codes import CODE_BYTES, code_of, issued

AS_OWNER = {"Authorization": "Bearer owner"}  # the emulators exempt this token from the rules
TIMEOUT_SECONDS = 30.0
PHONE = "+919900000001"
CODE_LIFETIME = timedelta(days=365)
"""A stack may wait for long before its admin signs in."""


@dataclass(frozen=True, slots=True)
class Admin:
    """The credentials of the stack's admin."""

    uid: str
    email: str
    password: str
    enrolment_code: str
    """What admits the enrolment of the second factor: an operator needs it besides the password."""


def new_admin() -> Admin:
    """Return the credentials of an admin; its account and document can be created in any order."""
    code = code_of(secrets.token_bytes(CODE_BYTES))
    return Admin(secrets.token_hex(14), "admin@waybill.test", secrets.token_urlsafe(12), code)


def operator_account(uid: str, enrolment_code: str, *roles: str) -> dict[str, Any]:
    """Return the fields of `auth/{uid}`, as Firestore's REST API takes them, of an operator who has yet to
    enrol a second factor."""
    code = issued(enrolment_code, uid, "setup", datetime.now(UTC) + CODE_LIFETIME)
    stored = {
        "hash": {"stringValue": code.hash},
        "issued_by": {"stringValue": code.issued_by},
        "expires_at": {"timestampValue": code.expires_at.isoformat()},
    }
    values = [{"stringValue": role} for role in roles]
    return {
        "roles": {"arrayValue": {"values": values}},
        "enrolment_code": {"mapValue": {"fields": stored}},
    }


async def write_account(client: httpx.AsyncClient, layout: Layout, admin: Admin) -> None:
    """Create the account, with verified e-mail and phone."""
    accounts = f"{layout.url('auth')}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts"
    account = {
        "localId": admin.uid,
        "email": admin.email,
        "password": admin.password,
        "emailVerified": True,
        "phoneNumber": PHONE,
        "displayName": "Admin",
    }
    answer = await client.post(accounts, json=account, headers=AS_OWNER, timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()


async def write_user(client: httpx.AsyncClient, layout: Layout, admin: Admin) -> None:
    """Write the account and the profile of the admin: Firestore's first writes, which take a second."""
    documents = f"{layout.url('firestore')}/v1/projects/{PROJECT}/databases/(default)/documents"
    account = operator_account(admin.uid, admin.enrolment_code, "admin")
    profile = {
        "name": {"stringValue": "Admin"},
        "email": {"stringValue": admin.email},
        "phone": {"stringValue": PHONE},
        "created_at": {"timestampValue": datetime.now(UTC).isoformat()},
    }
    for path, fields in ((f"auth/{admin.uid}", account), (f"users/{admin.uid}", profile)):
        answer = await client.patch(
            f"{documents}/{path}", json={"fields": fields}, headers=AS_OWNER, timeout=TIMEOUT_SECONDS
        )
        answer.raise_for_status()
