"""The routes for menus and stock."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from functions.catalogue_api.menu_schemas import (
    AvailabilityRequest,
    AvailabilityView,
    MenuRequest,
    MenuView,
    StockListView,
    StockRequest,
    StockView,
)
from shared.catalogue import queries
from shared.catalogue.domain import MerchantNotFound
from shared.catalogue.menu import (
    ItemNotFound,
    MenuChanged,
    MenuNotFound,
    MenuVersionNotFound,
    ModifierNotFound,
)
from shared.catalogue.menu_checks import MenuInvalid
from shared.catalogue.stock import ItemNotStocked
from shared.catalogue.usecases.publish_menu import PublishMenu, publish_menu
from shared.catalogue.usecases.set_stock import SetStock, set_stock
from shared.catalogue.usecases.switch_item import SwitchItem, switch_item
from shared.composition.catalogue import CataloguePorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, ActiveVerifiedUser
from shared.edge.etags import IfMatchVersions, conditional, version_tag
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.ratelimit import MENUS, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath

Ports = Annotated[CataloguePorts, PORTS]

router = api_router("/api/v1/merchants/{merchant_id}", tags=["menu"])

Version = Annotated[int, Path(ge=1, le=999_999_999)]


@router.get("/menu", operation_id="getMenu")
@conditional
@refuses(MenuNotFound, MerchantNotFound)
async def read_menu(merchant_id: IdPath, user: ActiveUser, response: Response, ports: Ports) -> MenuView:
    """Get the current menu of a merchant.

    The `ETag` holds its version.
    """
    found = await queries.read_menu(merchant_id, user.uid, merchants=ports.merchants, stock=ports.stock)
    response.headers["ETag"] = version_tag(found.menu.version)
    return MenuView.of(found.merchant, found.menu, found.sold_out)


@router.put("/menu", operation_id="publishMenu")
@limited(MENUS)
@refuses(MenuChanged, MenuInvalid, MerchantNotFound)
async def write_menu(
    merchant_id: IdPath,
    body: MenuRequest,
    user: ActiveVerifiedUser,
    response: Response,
    ports: Ports,
    new_id: NewIds,
    seen: IfMatchVersions = None,
) -> MenuView:
    """Publish a new version of a menu.

    For staff. Quotes that were made keep the prices of their version. The five newest versions are kept, and
    those that quotes and orders were made from.
    """
    items = [item.item() for item in body.items]
    categories = [category.category() for category in body.categories]
    command = PublishMenu(user.uid, merchant_id, items, seen, categories)
    merchant, menu = await publish_menu(command, merchants=ports.merchants, ids=new_id)
    response.headers["ETag"] = version_tag(menu.version)
    return MenuView.of(merchant, menu)


@router.get("/menu/versions/{version}", operation_id="getMenuVersion")
@refuses(MenuVersionNotFound, MerchantNotFound)
async def read_menu_version(
    merchant_id: IdPath, version: Version, user: ActiveUser, ports: Ports
) -> MenuView:
    """Get one version of a menu.

    For staff.
    """
    merchant, menu = await queries.read_menu_version(
        merchant_id, version, user.uid, merchants=ports.merchants
    )
    return MenuView.of(merchant, menu)


@router.post("/menu/items/{item_id}/availability", operation_id="setItemAvailability")
@limited(MENUS)
@refuses(ItemNotFound, MerchantNotFound, ModifierNotFound)
async def switch(
    merchant_id: IdPath,
    item_id: IdPath,
    body: AvailabilityRequest,
    user: ActiveVerifiedUser,
    response: Response,
    ports: Ports,
) -> AvailabilityView:
    """Switch a menu item or a modifier on or off.

    For staff.
    """
    command = SwitchItem(user.uid, merchant_id, item_id, body.available, body.modifier_id)
    merchant, menu = await switch_item(command, merchants=ports.merchants)
    response.headers["ETag"] = version_tag(menu.version)
    return AvailabilityView(
        merchant_id=merchant.id,
        version=menu.version,
        item_id=item_id,
        modifier_id=body.modifier_id,
        available=body.available,
    )


@router.get("/stock", operation_id="listStock")
@refuses(MerchantNotFound)
async def read_stock(merchant_id: IdPath, user: ActiveUser, ports: Ports) -> StockListView:
    """List the stock of tracked items.

    For staff.
    """
    found = await queries.read_stock(merchant_id, user.uid, merchants=ports.merchants, stock=ports.stock)
    return StockListView.of(found)


@router.put("/stock/{item_id}", operation_id="setStock")
@refuses(ItemNotFound, ItemNotStocked, MerchantNotFound)
async def write_stock(
    merchant_id: IdPath, item_id: IdPath, body: StockRequest, user: ActiveVerifiedUser, ports: Ports, now: Now
) -> StockView:
    """Set the stock of an item.

    For staff, after a count.
    """
    command = SetStock(user.uid, merchant_id, item_id, body.on_hand)
    counted = await set_stock(command, merchants=ports.merchants, stock=ports.stock, now=now)
    return StockView.model_validate(counted)
