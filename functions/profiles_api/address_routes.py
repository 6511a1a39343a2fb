"""The routes about the address book: parse, authorise, one use case, map the result."""

from __future__ import annotations

from typing import Annotated

from fastapi import Response

from functions.profiles_api.address_schemas import AddressList, AddressRequest, AddressView
from shared.composition.profiles import ProfilesPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.etags import IfMatchVersions, version_tag
from shared.edge.idempotency import IdempotencyKey
from shared.edge.provided import PORTS, NewIds
from shared.edge.ratelimit import GEOCODED, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.profiles import queries
from shared.profiles.addresses import (
    AddressChanged,
    AddressNotFound,
    AddressTooVague,
    AddressUnknown,
    TooManyAddresses,
)
from shared.profiles.usecases.change_addresses import (
    AddAddress,
    ChangeAddress,
    RemoveAddress,
    add_address,
    change_address,
    remove_address,
)

Ports = Annotated[ProfilesPorts, PORTS]

router = api_router("/api/v1/me/addresses", tags=["profile"])


@router.get("", operation_id="listAddresses")
async def list_addresses(user: ActiveUser, ports: Ports) -> AddressList:
    """List your saved addresses.

    There are at most twenty.
    """
    found = await queries.addresses_of(user.uid, addresses=ports.addresses)
    return AddressList(addresses=[AddressView.of(listed) for listed in found])


@router.post("", operation_id="addAddress", status_code=201)
@limited(GEOCODED)
@refuses(AddressTooVague, AddressUnknown, TooManyAddresses)
async def add(
    body: AddressRequest, user: ActiveUser, key: IdempotencyKey, ports: Ports, new_id: NewIds
) -> AddressView:
    """Save a new address.

    The first one becomes the default. An address without coordinates is looked up on the map; where the map
    knows only its area, send the `location` of a pin.
    """
    listed = await add_address(
        AddAddress(user, body.entry(), body.default),
        addresses=ports.addresses,
        geocoder=ports.geocoder,
        ids=new_id,
        idempotency=key.for_answer(AddressView.of),
    )
    return AddressView.of(listed)


@router.put("/{address_id}", operation_id="updateAddress")
@limited(GEOCODED)
@refuses(AddressChanged, AddressNotFound, AddressTooVague, AddressUnknown)
async def change(
    address_id: IdPath,
    body: AddressRequest,
    user: ActiveUser,
    response: Response,
    seen: IfMatchVersions,
    ports: Ports,
) -> AddressView:
    """Replace a saved address.

    `default: true` makes it the default address; `default: false` changes nothing about the default. Without
    coordinates, an address whose text stays keeps its position.
    """
    command = ChangeAddress(user.uid, address_id, body.entry(), body.default, seen)
    view = AddressView.of(await change_address(command, addresses=ports.addresses, geocoder=ports.geocoder))
    response.headers["ETag"] = version_tag(view.version)
    return view


@router.delete("/{address_id}", operation_id="removeAddress", status_code=204)
@refuses(AddressNotFound)
async def remove(address_id: IdPath, user: ActiveUser, ports: Ports) -> None:
    """Remove a saved address.

    Orders that were placed to it keep their address.
    """
    await remove_address(RemoveAddress(user.uid, address_id), addresses=ports.addresses)
