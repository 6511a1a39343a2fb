"""Shops: their owner registers one, and an admin approves it."""

from __future__ import annotations

from dataclasses import asdict

from emulators.city import documents
from emulators.city.api import Api
from emulators.city.bengaluru import Kitchen


async def register(owner: Api, admin: Api, kitchen: Kitchen) -> str:
    """Register a shop with its licence and menu, have it approved, and return its id; it is not open yet."""
    point = kitchen.place.point
    registration = {
        "name": kitchen.name,
        "category": kitchen.category,
        "location": {"lat": point.lat, "lng": point.lng},
        "address": kitchen.place.address,
        "prep_minutes": kitchen.prep_minutes,
    }
    merchant_id = str((await owner.post("/merchants", registration))["id"])
    await documents.submit_and_approve(owner, admin, *documents.MERCHANT_DOCUMENTS, merchant_id=merchant_id)
    await admin.post(f"/admin/merchants/{merchant_id}/approve")
    await owner.put(f"/merchants/{merchant_id}/menu", {"items": [asdict(dish) for dish in kitchen.menu]})
    return merchant_id
