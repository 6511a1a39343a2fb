"""Papers in the hands of their owner and of the admin who finds them good."""

from __future__ import annotations

import base64

from emulators.city.api import Api

OF_DRIVERS = ("driving_licence", "identity")
OF_KITCHENS = ("food_licence",)
LAST_DAY = "2060-12-31"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""One pixel as PNG: the cheapest picture of a paper."""


async def hand_in(owner: Api, kind: str, merchant_id: str | None = None) -> str:
    """Upload a paper of one's own or of one's merchant, hand it in, and return its id."""
    paper = {"kind": kind, "expires_on": LAST_DAY, "content_type": "image/png", "size": len(PICTURE)}
    drafted = await owner.post("/me/documents", paper | {"merchant_id": merchant_id})
    await owner.upload(drafted["upload"], PICTURE)
    await owner.post(f"/me/documents/{drafted['id']}/submit")
    return str(drafted["id"])


async def approve(admin: Api, document_id: str) -> None:
    """Find a paper good."""
    await admin.post(f"/admin/documents/{document_id}/approve")


async def show(owner: Api, admin: Api, *kinds: str, merchant_id: str | None = None) -> None:
    """Hand in one paper of each kind, and have it approved."""
    for kind in kinds:
        await approve(admin, await hand_in(owner, kind, merchant_id))
