"""The routes about when a merchant accepts orders, beside its hours."""

from __future__ import annotations

from typing import Annotated

from fastapi import Response

from functions.catalogue_api.schemas import LastOrderRequest, MerchantView
from shared.catalogue.domain import MerchantChanged, MerchantNotFound
from shared.catalogue.usecases.set_last_order import SetLastOrder, set_last_order
from shared.composition.catalogue import CataloguePorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveVerifiedUser
from shared.edge.etags import IfMatchVersions, version_tag
from shared.edge.provided import PORTS, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath

Ports = Annotated[CataloguePorts, PORTS]

opening = api_router("/api/v1/merchants/{merchant_id}", tags=["merchants"])


@opening.put("/last-order", operation_id="setLastOrder")
@refuses(MerchantChanged, MerchantNotFound)
async def write_last_order(
    merchant_id: IdPath,
    body: LastOrderRequest,
    user: ActiveVerifiedUser,
    response: Response,
    seen: IfMatchVersions,
    ports: Ports,
    now: Now,
) -> MerchantView:
    """Set how long before its closing a merchant accepts its last order.

    For staff. A merchant that sets nothing accepts orders until its preparation time before it closes.
    """
    command = SetLastOrder(user.uid, merchant_id, body.minutes_before_closing, seen)
    merchant = await set_last_order(command, merchants=ports.merchants)
    response.headers["ETag"] = version_tag(merchant.revision)
    return MerchantView.of(merchant, now)
