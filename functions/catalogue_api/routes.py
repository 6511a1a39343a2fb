"""The routes of `catalogue_api`: parse, authorise, one use case, map the result."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query, Response

from functions.catalogue_api import wiring
from functions.catalogue_api.etags import menu_tag, versions_in
from functions.catalogue_api.schemas import (
    MenuRequest,
    MenuView,
    MerchantPage,
    MerchantRequest,
    MerchantView,
    NearbyView,
)
from shared.catalogue import queries
from shared.catalogue.domain import MAX_RADIUS_M
from shared.catalogue.usecases.approve_merchant import ApproveMerchant, approve_merchant
from shared.catalogue.usecases.publish_menu import PublishMenu, publish_menu
from shared.catalogue.usecases.register_merchant import RegisterMerchant, register_merchant
from shared.catalogue.usecases.switch_merchant import SwitchMerchant, switch_merchant
from shared.edge.app import api_router
from shared.edge.auth import Admin, SignedIn, Verified
from shared.edge.idempotency import IdempotencyKey
from shared.edge.schemas import IdPath, Latitude, Longitude, PageSize, PageToken, page_token, page_values
from shared.kernel.clock import utc_now
from shared.kernel.geo import Point
from shared.kernel.ids import new_id

router = api_router("/api/v1/merchants", tags=["catalogue"])
admin = api_router("/api/v1/admin/merchants", tags=["admin"])


@router.post("", status_code=201)
async def register(body: MerchantRequest, user: Verified, key: IdempotencyKey) -> MerchantView:
    """Register a merchant; you become its owner. An admin has to approve it."""
    merchant = await register_merchant(
        RegisterMerchant(user.uid, body.registration()),
        merchants=wiring.merchants(),
        ids=new_id,
        now=utc_now(),
        once=key.once(MerchantView.of),
    )
    return MerchantView.of(merchant)


@router.get("")
async def browse(
    _: SignedIn,
    lat: Annotated[Latitude, Query()],
    lng: Annotated[Longitude, Query()],
    radius_m: Annotated[int, Query(ge=1, le=MAX_RADIUS_M)] = 5_000,
    open_only: Annotated[bool, Query(alias="open")] = False,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> MerchantPage:
    """List the approved merchants around a point, nearest first; `open=true` leaves out the closed ones."""
    after = page_values(page_token_, (int, str))
    ask = queries.Browse(
        Point(lat, lng), radius_m, open_only, page_size, (after[0], after[1]) if after else None
    )
    page = await queries.browse(ask, merchants=wiring.merchants())
    return MerchantPage(
        merchants=[NearbyView.near(found) for found in page.merchants],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/{merchant_id}")
async def read(merchant_id: IdPath, user: SignedIn) -> MerchantView:
    """Read one merchant; before its approval only its staff can."""
    return MerchantView.of(await queries.read_merchant(merchant_id, user.uid, merchants=wiring.merchants()))


@router.get("/{merchant_id}/menu")
async def read_menu(merchant_id: IdPath, user: SignedIn, response: Response) -> MenuView:
    """Read the menu in force; the `ETag` names its version."""
    merchant, menu = await queries.read_menu(merchant_id, user.uid, merchants=wiring.merchants())
    response.headers["ETag"] = menu_tag(menu.version)
    return MenuView.of(merchant, menu)


@router.put("/{merchant_id}/menu")
async def write_menu(
    merchant_id: IdPath,
    body: MenuRequest,
    user: Verified,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> MenuView:
    """Replace the menu by a new version (staff).

    With `If-Match`, only the version that it names is replaced: 412 when somebody was faster. Without
    it, whatever stands is.
    """
    command = PublishMenu(user.uid, merchant_id, [item.item() for item in body.items], versions_in(if_match))
    merchant, menu = await publish_menu(command, merchants=wiring.merchants(), ids=new_id)
    response.headers["ETag"] = menu_tag(menu.version)
    return MenuView.of(merchant, menu)


@router.post("/{merchant_id}/open")
async def open_shop(merchant_id: IdPath, user: Verified) -> MerchantView:
    """Take orders from now on (staff)."""
    command = SwitchMerchant(user.uid, merchant_id, open=True)
    return MerchantView.of(await switch_merchant(command, merchants=wiring.merchants()))


@router.post("/{merchant_id}/close")
async def close_shop(merchant_id: IdPath, user: Verified) -> MerchantView:
    """Take no more orders (staff)."""
    command = SwitchMerchant(user.uid, merchant_id, open=False)
    return MerchantView.of(await switch_merchant(command, merchants=wiring.merchants()))


@admin.post("/{merchant_id}/approve")
async def approve(merchant_id: IdPath, _: Admin) -> MerchantView:
    """Let a merchant sell (admin)."""
    return MerchantView.of(await approve_merchant(ApproveMerchant(merchant_id), merchants=wiring.merchants()))
