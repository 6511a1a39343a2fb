"""The routes for merchants, their hours and their staff."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from functions.catalogue_api.hours_schemas import HoursRequest, HoursView
from functions.catalogue_api.schemas import (
    CapacityRequest,
    MerchantPage,
    MerchantRequest,
    MerchantView,
    NearbyView,
    PauseRequest,
    RegistrationRequest,
    StaffView,
)
from shared.catalogue import browsing, queries
from shared.catalogue.applications import MerchantNotRejected
from shared.catalogue.browsing import NothingToSearch, SortBy
from shared.catalogue.domain import MAX_RADIUS_M, MerchantChanged, MerchantNotFound, ProfileInvalid
from shared.catalogue.hours import HoursInvalid
from shared.catalogue.opening import LicenceMissing, MenuMissing, MerchantNotApproved, PauseInvalid
from shared.catalogue.owners import TooManyShops
from shared.catalogue.staff import OwnerOnly, OwnerStays, StaffFull
from shared.catalogue.usecases.change_staff import ChangeStaff, change_staff
from shared.catalogue.usecases.edit_profile import EditProfile, edit_profile
from shared.catalogue.usecases.pause_merchant import PauseMerchant, pause_merchant
from shared.catalogue.usecases.register_merchant import RegisterMerchant, register_merchant
from shared.catalogue.usecases.set_capacity import SetCapacity, set_capacity
from shared.catalogue.usecases.set_hours import SetHours, set_hours
from shared.catalogue.usecases.submit_merchant import SubmitMerchant, submit_merchant
from shared.catalogue.usecases.switch_merchant import SwitchMerchant, switch_merchant
from shared.composition.catalogue import CataloguePorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, ActiveVerifiedUser
from shared.edge.etags import IfMatchVersions, conditional, version_tag
from shared.edge.idempotency import IdempotencyKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.ratelimit import COSTLY, CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.reported import Latitude, Longitude
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.edge.text import SearchText
from shared.kernel.geo import Point

Ports = Annotated[CataloguePorts, PORTS]

router = api_router("/api/v1/merchants", tags=["merchants"])

SORT_KEYS = {SortBy.DISTANCE: (int, str, str), SortBy.RATING: (int, int, str)}


@router.post("", operation_id="registerMerchant", status_code=201)
@limited(CREATING)
@refuses(ProfileInvalid, TooManyShops)
async def register(
    body: RegistrationRequest,
    user: ActiveVerifiedUser,
    key: IdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> MerchantView:
    """Register a merchant.

    You become its owner, of at most 20. It stays closed until an admin approves it and you open it.
    """
    merchant = await register_merchant(
        RegisterMerchant(user.uid, body.profile()),
        merchants=ports.merchants,
        ids=new_id,
        now=now,
        idempotency=key.for_answer(lambda made: MerchantView.of(made, now)),
    )
    return MerchantView.of(merchant, now)


@router.get("", operation_id="searchMerchants")
@limited(COSTLY)
@refuses(NothingToSearch)
async def browse(
    _: ActiveUser,
    lat: Annotated[Latitude, Query()],
    lng: Annotated[Longitude, Query()],
    ports: Ports,
    now: Now,
    radius_m: Annotated[int, Query(ge=1, le=MAX_RADIUS_M)] = 5_000,
    open_only: Annotated[bool, Query(alias="open")] = False,
    category: Annotated[SearchText, Query()] = "",
    min_rating: Annotated[float | None, Query(ge=1, le=5, allow_inf_nan=False)] = None,
    text: Annotated[SearchText, Query(alias="q")] = "",
    sort: Annotated[SortBy, Query()] = SortBy.DISTANCE,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> MerchantPage:
    """Search merchants near a point.

    Approved merchants by distance, or the nearest 200 by rating; by category, text, and whether they are open
    now. A page is sorted exactly, the pages among each other within five per cent of the distance. Where very
    many do not match, a page may be shorter than asked, and the next one goes on.
    """
    after = page_values(page_token_, SORT_KEYS[sort])
    request = browsing.Browse(
        Point(lat, lng), radius_m, open_only, page_size, after or None, category, text, min_rating, sort
    )
    page = await browsing.browse(request, merchants=ports.merchants, now=now)
    return MerchantPage(
        merchants=[NearbyView.near(found, now) for found in page.merchants],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/{merchant_id}", operation_id="getMerchant")
@conditional
@refuses(MerchantNotFound)
async def read(
    merchant_id: IdPath, user: ActiveUser, response: Response, ports: Ports, now: Now
) -> MerchantView:
    """Get a merchant.

    Before its approval only its staff can read it. The `ETag` holds its revision.
    """
    merchant = await queries.read_merchant(merchant_id, user.uid, merchants=ports.merchants)
    response.headers["ETag"] = version_tag(merchant.revision)
    return MerchantView.of(merchant, now)


@router.put("/{merchant_id}", operation_id="updateMerchant")
@refuses(MerchantChanged, MerchantNotFound, ProfileInvalid)
async def edit(
    merchant_id: IdPath,
    body: MerchantRequest,
    user: ActiveVerifiedUser,
    response: Response,
    ports: Ports,
    now: Now,
    seen: IfMatchVersions = None,
) -> MerchantView:
    """Replace the profile of a merchant.

    For staff. With `If-Match`, another edit in between is refused with 412.
    """
    command = EditProfile(user.uid, merchant_id, body.profile(), seen)
    merchant = await edit_profile(command, merchants=ports.merchants)
    response.headers["ETag"] = version_tag(merchant.revision)
    return MerchantView.of(merchant, now)


@router.get("/{merchant_id}/hours", operation_id="getOpeningHours")
@conditional
@refuses(MerchantNotFound)
async def read_hours(merchant_id: IdPath, user: ActiveUser, response: Response, ports: Ports) -> HoursView:
    """Get the opening hours of a merchant.

    The `ETag` holds the merchant's revision.
    """
    merchant = await queries.read_merchant(merchant_id, user.uid, merchants=ports.merchants)
    response.headers["ETag"] = version_tag(merchant.revision)
    return HoursView.of(merchant)


@router.put("/{merchant_id}/hours", operation_id="setOpeningHours")
@refuses(HoursInvalid, MerchantChanged, MerchantNotFound)
async def write_hours(
    merchant_id: IdPath,
    body: HoursRequest,
    user: ActiveVerifiedUser,
    response: Response,
    ports: Ports,
    seen: IfMatchVersions = None,
) -> HoursView:
    """Replace the opening hours of a merchant.

    For staff. With `If-Match`, another edit in between is refused with 412.
    """
    command = SetHours(user.uid, merchant_id, body.hours(), seen)
    merchant = await set_hours(command, merchants=ports.merchants)
    response.headers["ETag"] = version_tag(merchant.revision)
    return HoursView.of(merchant)


@router.put("/{merchant_id}/capacity", operation_id="setCapacity")
@refuses(MerchantChanged, MerchantNotFound)
async def write_capacity(
    merchant_id: IdPath,
    body: CapacityRequest,
    user: ActiveVerifiedUser,
    response: Response,
    ports: Ports,
    now: Now,
    seen: IfMatchVersions = None,
) -> MerchantView:
    """Set the highest number of open orders of a merchant.

    For staff.
    """
    command = SetCapacity(user.uid, merchant_id, body.max_open_orders, seen)
    merchant = await set_capacity(command, merchants=ports.merchants)
    response.headers["ETag"] = version_tag(merchant.revision)
    return MerchantView.of(merchant, now)


async def _switch(command: SwitchMerchant, ports: CataloguePorts, now: datetime) -> MerchantView:
    switched = await switch_merchant(command, merchants=ports.merchants, licences=ports.licences, now=now)
    return MerchantView.of(switched, now)


@router.post("/{merchant_id}/open", operation_id="openMerchant")
@refuses(LicenceMissing, MenuMissing, MerchantNotApproved, MerchantNotFound)
async def open_shop(merchant_id: IdPath, user: ActiveVerifiedUser, ports: Ports, now: Now) -> MerchantView:
    """Open a merchant for orders.

    For staff. Ends a pause. Orders are accepted within the opening hours.
    """
    return await _switch(SwitchMerchant(user.uid, merchant_id, open=True), ports, now)


@router.post("/{merchant_id}/close", operation_id="closeMerchant")
@refuses(MerchantNotFound)
async def close_shop(merchant_id: IdPath, user: ActiveVerifiedUser, ports: Ports, now: Now) -> MerchantView:
    """Close a merchant for orders.

    For staff. Orders that were placed go on.
    """
    return await _switch(SwitchMerchant(user.uid, merchant_id, open=False), ports, now)


@router.post("/{merchant_id}/pause", operation_id="pauseMerchant")
@refuses(MerchantNotFound, PauseInvalid)
async def pause_shop(
    merchant_id: IdPath, body: PauseRequest, user: ActiveVerifiedUser, ports: Ports, now: Now
) -> MerchantView:
    """Pause a merchant until a time.

    For staff. It accepts orders again by itself at that time.
    """
    command = PauseMerchant(user.uid, merchant_id, body.until)
    return MerchantView.of(await pause_merchant(command, merchants=ports.merchants, now=now), now)


@router.post("/{merchant_id}/submit", operation_id="submitMerchant")
@refuses(MerchantNotFound, MerchantNotRejected)
async def submit(merchant_id: IdPath, user: ActiveVerifiedUser, ports: Ports, now: Now) -> MerchantView:
    """Submit a rejected merchant application again.

    For staff.
    """
    command = SubmitMerchant(user.uid, merchant_id)
    return MerchantView.of(await submit_merchant(command, merchants=ports.merchants), now)


@router.get("/{merchant_id}/staff", operation_id="listStaff")
@refuses(MerchantNotFound)
async def read_staff(merchant_id: IdPath, user: ActiveUser, ports: Ports) -> StaffView:
    """List the staff of a merchant.

    For staff.
    """
    found = await queries.read_staff(merchant_id, user.uid, merchants=ports.merchants, staff=ports.staff)
    return StaffView.of(*found)


@router.put("/{merchant_id}/staff/{member}", operation_id="addStaffMember")
@refuses(MerchantNotFound, OwnerOnly, StaffFull)
async def hire(
    merchant_id: IdPath, member: IdPath, user: ActiveVerifiedUser, ports: Ports, now: Now
) -> StaffView:
    """Add a person to the staff of a merchant.

    For the owner. The person sees the open orders at once.
    """
    command = ChangeStaff(user.uid, merchant_id, member, belongs=True)
    return StaffView.of(*await change_staff(command, staff=ports.staff, now=now))


@router.delete("/{merchant_id}/staff/{member}", operation_id="removeStaffMember")
@refuses(MerchantNotFound, OwnerOnly, OwnerStays)
async def dismiss(
    merchant_id: IdPath, member: IdPath, user: ActiveVerifiedUser, ports: Ports, now: Now
) -> StaffView:
    """Remove a person from the staff of a merchant.

    For the owner, who cannot be removed. The person reads and changes nothing from that moment on.
    """
    command = ChangeStaff(user.uid, merchant_id, member, belongs=False)
    return StaffView.of(*await change_staff(command, staff=ports.staff, now=now))
