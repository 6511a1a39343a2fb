"""The routes by which operators direct the search for a driver; the audit log records each step."""

from __future__ import annotations

from typing import Annotated

from functions.dispatch_api.search_schemas import ChosenDriver, SearchReason, SearchView
from shared.composition.drivers import DriverPorts
from shared.dispatch.directing import (
    DriverCannotTakeOrder,
    DriverChoice,
    OrderNeedsNoDriver,
    OrderOffered,
    SearchNotEnded,
)
from shared.dispatch.domain import OrderNotFound
from shared.dispatch.drivers import DriverNotFound
from shared.dispatch.usecases.choose_driver import ChooseDriver, choose_driver
from shared.dispatch.usecases.restart_search import RestartSearch, restart_search
from shared.edge.app import api_router
from shared.edge.auth import Support
from shared.edge.idempotency import OptionalIdempotencyKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.kernel.audit import OperatorAction
from shared.kernel.four_eyes import OperatorInvolved

Ports = Annotated[DriverPorts, PORTS]

searches = api_router("/api/v1/admin/assignments", tags=["admin"])


@searches.post("/{order_id}/offer", operation_id="offerOrderToDriver")
@refuses(
    DriverCannotTakeOrder, DriverNotFound, OperatorInvolved, OrderNeedsNoDriver, OrderNotFound, OrderOffered
)
async def offer(
    order_id: IdPath,
    body: ChosenDriver,
    operator: Support,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> SearchView:
    """Offer an order to a chosen driver.

    For support and admins, while the order waits for a driver: this driver is asked next, and the search goes
    on if they decline. The driver has to be online and near, with room for an order. The audit log keeps the
    reason.
    """
    action = OperatorAction(new_id("aud"), operator, now, body.reason)
    after = await choose_driver(
        ChooseDriver(DriverChoice(action, order_id, body.driver_id)),
        store=ports.store,
        index=ports.index,
        config=ports.config,
        now=now,
        idempotency=key.for_answer(SearchView.of) if key else None,
    )
    return SearchView.of(after)


@searches.post("/{order_id}/search", operation_id="restartDriverSearch")
@refuses(OperatorInvolved, OrderNotFound, SearchNotEnded)
async def search(
    order_id: IdPath,
    body: SearchReason,
    operator: Support,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> SearchView:
    """Begin the search for a driver again.

    For support and admins, after it has ended without one; it begins by itself a few minutes later otherwise.
    Drivers who declined are asked again. The audit log keeps the reason.
    """
    action = OperatorAction(new_id("aud"), operator, now, body.reason)
    after = await restart_search(
        RestartSearch(action, order_id),
        store=ports.store,
        idempotency=key.for_answer(SearchView.of) if key else None,
    )
    return SearchView.of(after)
