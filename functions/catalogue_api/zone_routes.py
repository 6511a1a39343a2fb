"""The routes about service zones: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.catalogue_api import wiring
from functions.catalogue_api.zone_schemas import ServingView, ZonePage, ZoneRequest, ZoneView
from shared.catalogue import queries
from shared.catalogue.usecases.draw_zone import DrawZone, draw_zone
from shared.catalogue.usecases.retire_zone import RetireZone, retire_zone
from shared.edge.app import api_router
from shared.edge.auth import Admin, SignedIn
from shared.edge.idempotency import IdempotencyKey
from shared.edge.schemas import IdPath, Latitude, Longitude, PageToken, page_token, page_values
from shared.kernel.clock import utc_now
from shared.kernel.geo import Point
from shared.kernel.ids import new_id

router = api_router("/api/v1/zones", tags=["zones"])
admin = api_router("/api/v1/admin/zones", tags=["admin"])

ZonePageSize = Annotated[int, Query(ge=1, le=20)]
"""An outline can have two thousand corners, hence short pages."""


@router.get("")
async def list_zones(
    _: SignedIn,
    page_size: ZonePageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> ZonePage:
    """List the zones in which orders are delivered, the newest first."""
    after = page_values(page_token_, (datetime, str))
    page = await queries.zones_in_force(
        page_size, (after[0], after[1]) if after else None, zones=wiring.zones()
    )
    return ZonePage(
        zones=[ZoneView.of(zone) for zone in page.zones],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/serving")
async def serving(
    _: SignedIn, lat: Annotated[Latitude, Query()], lng: Annotated[Longitude, Query()]
) -> ServingView:
    """Tell whether orders are delivered at a point; everywhere, until the first zone is drawn."""
    served, zones = await queries.serving(Point(lat, lng), zones=wiring.zones())
    return ServingView.of(served, zones)


@admin.post("", status_code=201)
async def draw(body: ZoneRequest, user: Admin, key: IdempotencyKey) -> ZoneView:
    """Draw a zone, served from now on (admin). To change one, draw it anew and retire the old one."""
    zone = await draw_zone(
        DrawZone(user.uid, body.name, body.geometry.coordinates),
        zones=wiring.zone_book(),
        ids=new_id,
        now=utc_now(),
        once=key.once(ZoneView.of),
    )
    return ZoneView.of(zone)


@admin.post("/{zone_id}/retire")
async def retire(zone_id: IdPath, user: Admin) -> ZoneView:
    """End the service in a zone (admin)."""
    command = RetireZone(zone_id, user.uid)
    return ZoneView.of(await retire_zone(command, zones=wiring.zone_book(), now=utc_now()))
