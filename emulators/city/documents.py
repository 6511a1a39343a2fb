"""Verification documents: their owner submits them, and an admin approves them."""

from __future__ import annotations

import base64

from emulators.city.api import Api

DRIVER_DOCUMENTS = ("driving_licence", "identity")
MERCHANT_DOCUMENTS = ("food_licence",)
EXPIRES_ON = "2060-12-31"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""One pixel as PNG: the smallest image of a document."""


async def submit(owner: Api, kind: str, merchant_id: str | None = None) -> str:
    """Upload and submit a document of a user or of their merchant, and return its id."""
    document = {"kind": kind, "expires_on": EXPIRES_ON, "content_type": "image/png", "size": len(PICTURE)}
    created = await owner.post("/me/documents", document | {"merchant_id": merchant_id})
    await owner.upload(created["upload"], PICTURE)
    await owner.post(f"/me/documents/{created['id']}/submit")
    return str(created["id"])


async def approve(admin: Api, document_id: str) -> None:
    """Approve a document."""
    await admin.post(f"/admin/documents/{document_id}/approve")


async def submit_and_approve(owner: Api, admin: Api, *kinds: str, merchant_id: str | None = None) -> None:
    """Submit one document of each kind, and approve it."""
    for kind in kinds:
        await approve(admin, await submit(owner, kind, merchant_id))
