"""Verification documents: their owner submits them, and an admin approves them."""

from __future__ import annotations

import base64

from emulators.client.api import ApiClient
from emulators.client.operations import accounts, admin

MOTOR_VEHICLE = ("driving_licence", "identity", "vehicle_registration", "insurance")
DRIVER_DOCUMENTS = {"bicycle": ("identity",), "scooter": MOTOR_VEHICLE, "car": MOTOR_VEHICLE}
MERCHANT_DOCUMENTS = ("food_licence",)
EXPIRES_ON = "2060-12-31"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""One pixel as PNG: the smallest image of a document."""


async def submit_and_approve(
    owner: ApiClient, operator: ApiClient, *kinds: str, merchant_id: str | None = None
) -> None:
    """Submit one document of each kind, of a user or of their merchant, and approve it."""
    for kind in kinds:
        document_id = await _submit(owner, kind, merchant_id)
        await operator.do(admin.approve_verification_document(document_id))


async def _submit(owner: ApiClient, kind: str, merchant_id: str | None) -> str:
    """Upload and submit a document, and return its id."""
    created = await owner.do(
        accounts.create_verification_document(
            kind, "image/png", len(PICTURE), expires_on=EXPIRES_ON, merchant_id=merchant_id
        )
    )
    await owner.upload(created["upload"], PICTURE)
    await owner.do(accounts.submit_verification_document(created["id"]))
    return str(created["id"])
