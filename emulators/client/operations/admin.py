"""What an operator decides: who may sell and drive, with which documents, and where orders are delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulators.client.call import Call, post


def approve_merchant(merchant_id: str) -> Call:
    """Return a call that lets a merchant sell."""
    return post("/admin/merchants/{merchant_id}/approve", merchant_id=merchant_id)


def approve_driver(uid: str) -> Call:
    """Return a call that lets a driver go online."""
    return post("/admin/drivers/{uid}/approve", uid=uid)


def reject_driver(uid: str, reason: str) -> Call:
    """Return a call that turns an application down; the driver reads the reason."""
    return post("/admin/drivers/{uid}/reject", {"reason": reason}, uid=uid)


def approve_verification_document(document_id: str) -> Call:
    """Return a call that accepts a document."""
    return post("/admin/documents/{document_id}/approve", document_id=document_id)


def create_zone(name: str, geometry: Mapping[str, Any]) -> Call:
    """Return a call that has orders delivered in an area, a GeoJSON polygon."""
    return post("/admin/zones", {"name": name, "geometry": geometry})
