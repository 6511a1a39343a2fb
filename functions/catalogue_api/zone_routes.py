"""The routes for service zones."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.catalogue_api.zone_schemas import CreatedZoneView, ServingView, ZonePage, ZoneRequest, ZoneView
from shared.catalogue import queries
from shared.catalogue.usecases.archive_zone import ArchiveZone, archive_zone
from shared.catalogue.usecases.create_zone import CreateZone, create_zone
from shared.catalogue.zones import ZoneInvalid, ZoneNotFound
from shared.composition.catalogue import CataloguePorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, Admin
from shared.edge.idempotency import IdempotencyKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.refusals import refuses
from shared.edge.reported import Latitude, Longitude
from shared.edge.schemas import IdPath, PageToken, page_token, page_values
from shared.kernel.geo import Point

Ports = Annotated[CataloguePorts, PORTS]

router = api_router("/api/v1/zones", tags=["zones"])
admin = api_router("/api/v1/admin/zones", tags=["admin"])

ZonePageSize = Annotated[int, Query(ge=1, le=20)]
"""Pages are short, because a geometry can have two thousand corners."""


@router.get("", operation_id="listZones")
async def list_zones(
    _: ActiveUser,
    ports: Ports,
    page_size: ZonePageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> ZonePage:
    """List active service zones.

    Newest first.
    """
    after = page_values(page_token_, (datetime, str))
    page = await queries.active_zones(page_size, (after[0], after[1]) if after else None, zones=ports.zones)
    return ZonePage(
        zones=[ZoneView.of(zone) for zone in page.zones],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/serving", operation_id="checkServiceArea")
async def serving(
    _: ActiveUser, lat: Annotated[Latitude, Query()], lng: Annotated[Longitude, Query()], ports: Ports
) -> ServingView:
    """Check whether a point is served.

    Before the first zone exists every point is served.
    """
    served, zones = await queries.serving(Point(lat, lng), zones=ports.zones)
    return ServingView.of(served, zones)


@admin.post("", operation_id="createZone", status_code=201)
@refuses(ZoneInvalid)
async def create(
    body: ZoneRequest, user: Admin, key: IdempotencyKey, ports: Ports, now: Now, new_id: NewIds
) -> CreatedZoneView:
    """Create a service zone.

    For admins. It is active at once; `warnings` says what may be wrong with it, such as swapped axes.
    """
    created = await create_zone(
        CreateZone(user.uid, body.name, body.geometry.coordinates),
        zones=ports.zone_store,
        merchants=ports.merchants,
        ids=new_id,
        now=now,
        idempotency=lambda doubts: key.for_answer(lambda zone: CreatedZoneView.created(zone, doubts)),
    )
    return CreatedZoneView.created(created.zone, created.doubts)


@admin.post("/{zone_id}/archive", operation_id="archiveZone")
@refuses(ZoneNotFound)
async def archive(zone_id: IdPath, user: Admin, ports: Ports, now: Now) -> ZoneView:
    """Archive a service zone.

    For admins. Orders that were placed go on.
    """
    command = ArchiveZone(zone_id, user.uid)
    return ZoneView.of(await archive_zone(command, zones=ports.zone_store, now=now))
