"""Accounts: a user's profile, devices, inbox, second factor and verification documents."""

from __future__ import annotations

from typing import Any

from emulators.client.call import Call, get, post, put


def update_profile(**changes: Any) -> Call:
    """Return a call that changes the fields of the profile that are given, such as `name`."""
    return put("/me", changes)


def register_device(token: str, platform: str) -> Call:
    """Return a call by which a phone or browser gets pushes."""
    return post("/me/devices", {"token": token, "platform": platform})


def list_notifications() -> Call:
    """Return a call that reads the inbox."""
    return get("/me/notifications")


def enrol_second_factor(**proof: str) -> Call:
    """Return a call for the secret of a second factor; `proof` is an operator's `enrolment_code`."""
    return post("/me/second-factor", proof)


def confirm_second_factor(code: str) -> Call:
    """Return a call that shows that the secret is in an authenticator app."""
    return post("/me/second-factor/confirm", {"code": code})


def create_verification_document(kind: str, content_type: str, size: int, **choices: Any) -> Call:
    """Return a call for an upload ticket; `choices` are `expires_on` and `merchant_id`."""
    return post("/me/documents", {"kind": kind, "content_type": content_type, "size": size, **choices})


def submit_verification_document(document_id: str) -> Call:
    """Return a call that hands an uploaded document in for review."""
    return post("/me/documents/{document_id}/submit", document_id=document_id)
