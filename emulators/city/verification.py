"""Submit verification documents as their owner, and approve them as an admin."""

from __future__ import annotations

import base64

from emulators.city.api import Api

DRIVER_KINDS = ("driving_licence", "identity")
RESTAURANT_KINDS = ("food_licence",)
LAST_DAY = "2060-12-31"
IMAGE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""An image of one pixel as PNG."""


async def submit(owner: Api, kind: str, merchant_id: str | None = None) -> str:
    """Create, upload and submit a document of a person or of their merchant; return its id."""
    body = {"kind": kind, "expires_on": LAST_DAY, "content_type": "image/png", "size": len(IMAGE)}
    created = await owner.post("/me/documents", body | {"merchant_id": merchant_id})
    await owner.upload(created["upload"], IMAGE)
    await owner.post(f"/me/documents/{created['id']}/submit")
    return str(created["id"])


async def approve(admin: Api, document_id: str) -> None:
    """Approve a document."""
    await admin.post(f"/admin/documents/{document_id}/approve")


async def submit_and_approve(owner: Api, admin: Api, *kinds: str, merchant_id: str | None = None) -> None:
    """Submit one document of each kind, and approve it."""
    for kind in kinds:
        await approve(admin, await submit(owner, kind, merchant_id))
