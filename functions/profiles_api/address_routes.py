"""The routes about the address book: parse, authorise, one use case, map the result."""

from __future__ import annotations

from fastapi import Response

from functions.profiles_api import wiring
from functions.profiles_api.address_schemas import AddressList, AddressRequest, AddressView
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.etags import IfMatchVersions, version_tag
from shared.edge.idempotency import IdempotencyKey
from shared.edge.ratelimit import COSTLY, limited
from shared.edge.schemas import IdPath
from shared.kernel.ids import new_id
from shared.profiles import queries
from shared.profiles.usecases.keep_address import (
    AddAddress,
    ChangeAddress,
    RemoveAddress,
    add_address,
    change_address,
    remove_address,
)

router = api_router("/api/v1/me/addresses", tags=["addresses"])


@router.get("")
async def list_addresses(user: ActiveUser) -> AddressList:
    """List your places; there are at most twenty."""
    found = await queries.addresses_of(user.uid, book=wiring.addresses())
    return AddressList(addresses=[AddressView.of(address, account) for account, address in found])


@router.post("", status_code=201)
@limited(COSTLY)
async def add(body: AddressRequest, user: ActiveUser, key: IdempotencyKey) -> AddressView:
    """Keep a place; the first one becomes the default."""
    placed = await add_address(
        AddAddress(user, body.entry(), body.default),
        book=wiring.addresses(),
        geocoder=wiring.geocoder(),
        ids=new_id,
        idempotency=key.for_answer(AddressView.of_placed),
    )
    return AddressView.of_placed(placed)


@router.put("/{address_id}")
@limited(COSTLY)
async def change(
    address_id: IdPath, body: AddressRequest, user: ActiveUser, response: Response, seen: IfMatchVersions
) -> AddressView:
    """Replace a place; `default: false` leaves open which one is the default.

    With `If-Match`, only the version that it names is replaced: 412 when somebody was faster.
    """
    command = ChangeAddress(user.uid, address_id, body.entry(), body.default, seen)
    placed = await change_address(command, book=wiring.addresses(), geocoder=wiring.geocoder())
    view = AddressView.of_placed(placed)
    response.headers["ETag"] = version_tag(view.version)
    return view


@router.delete("/{address_id}", status_code=204)
async def remove(address_id: IdPath, user: ActiveUser) -> None:
    """Forget a place."""
    await remove_address(RemoveAddress(user.uid, address_id), book=wiring.addresses())
