"""The routes of `dispatch_api`: parse, authorise, one use context, map the result."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request

from functions.dispatch_api.schemas import (
    DriverRequest,
    DriverRequirements,
    DriverView,
    HandBackRequest,
    OfferView,
)
from shared.composition.drivers import DriverPorts
from shared.dispatch import queries
from shared.dispatch.domain import OfferAnswerTooLate, OfferNotFound, OfferNotOpen, OrderNotFound
from shared.dispatch.drivers import (
    DriverNotApproved,
    DriverNotFound,
    DriverNotRegistered,
    VerificationDocumentsNotValid,
)
from shared.dispatch.handover import OrderAlreadyPickedUp
from shared.dispatch.review import AlreadyRegistered
from shared.dispatch.usecases.accept_offer import AcceptOffer, accept_offer
from shared.dispatch.usecases.decline_offer import DeclineOffer, decline_offer
from shared.dispatch.usecases.go_offline import GoOffline, go_offline
from shared.dispatch.usecases.go_online import GoOnline, go_online
from shared.dispatch.usecases.hand_back_order import HandBackOrder, hand_back_order
from shared.dispatch.usecases.register_driver import RegisterDriver, register_driver
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, ActiveVerifiedUser, active_verified_user
from shared.edge.callers import active_user
from shared.edge.direct import direct
from shared.edge.idempotency import IdempotencyKey, OptionalIdempotencyKey, optional_key
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.reported import Coordinates
from shared.edge.schemas import IdPath
from shared.kernel.geo import Point

Ports = Annotated[DriverPorts, PORTS]

drivers = api_router("/api/v1/drivers", tags=["driver"])
driver = api_router("/api/v1/driver", tags=["driver"])
handovers = api_router("/api/v1/driver/assignments", tags=["driver"])


@drivers.post("", operation_id="registerDriver", status_code=201)
@limited(CREATING)
@refuses(AlreadyRegistered)
async def register(
    body: DriverRequest, user: ActiveVerifiedUser, key: IdempotencyKey, ports: Ports, now: Now
) -> DriverView:
    """Register as a driver.

    An admin approves the registration. Who was rejected applies again, with the same request.
    """
    command = RegisterDriver(user.uid, body.name, body.vehicle)
    made = await register_driver(
        command, store=ports.store, now=now, idempotency=key.for_answer(DriverView.of)
    )
    return DriverView.of(made)


@driver.get("", operation_id="getDriver")
@refuses(DriverNotFound)
async def read_self(user: ActiveUser, ports: Ports) -> DriverView:
    """Get your driver record.

    Your availability, your orders and your open offer; whether you are approved, and if not, why.
    """
    return DriverView.of(await queries.own_driver(user.uid, store=ports.store))


@driver.get("/requirements", operation_id="listDriverRequirements")
@refuses(DriverNotFound)
async def read_requirements(user: ActiveUser, ports: Ports, now: Now) -> DriverRequirements:
    """List the documents that your vehicle requires.

    You cannot go online until each is approved, nor after one has expired.
    """
    found = await queries.own_requirements(
        user.uid, store=ports.store, driver_documents=ports.driver_documents, now=now
    )
    return DriverRequirements.model_validate({"documents": found})


@driver.post("/go-online", operation_id="goOnline")
@refuses(DriverNotApproved, DriverNotRegistered, VerificationDocumentsNotValid)
async def start(body: Coordinates, user: ActiveVerifiedUser, ports: Ports, now: Now) -> DriverView:
    """Go online as a driver.

    You get offers near the position that you send.
    """
    online = await go_online(
        GoOnline(user.uid, Point(body.lat, body.lng)),
        store=ports.store,
        index=ports.index,
        driver_documents=ports.driver_documents,
        now=now,
    )
    return DriverView.of(online)


@driver.post("/go-offline", operation_id="goOffline")
@refuses(DriverNotRegistered)
async def stop(user: ActiveVerifiedUser, ports: Ports, now: Now) -> DriverView:
    """Go offline as a driver.

    You get no more offers, and one that is open ends without being missed. Orders that you carry stay yours.
    """
    command = GoOffline(user.uid)
    return DriverView.of(await go_offline(command, store=ports.store, index=ports.index, now=now))


@handovers.post("/{order_id}/hand-back", operation_id="handBackOrder")
@refuses(OrderAlreadyPickedUp, OrderNotFound)
async def hand_back(
    order_id: IdPath,
    body: HandBackRequest,
    user: ActiveVerifiedUser,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> DriverView:
    """Hand an accepted order back.

    Before its pickup, with the reason. Another driver is searched for, at no cost to the customer, and
    you are not asked for this order again. It counts like a declined offer if the reason is of your choice.
    """
    driver = await hand_back_order(
        HandBackOrder(order_id, user.uid, body.reason),
        store=ports.store,
        index=ports.index,
        now=now,
        idempotency=key.for_answer(DriverView.of) if key else None,
    )
    return DriverView.of(driver)


@driver.get("/offers/{offer_id}", operation_id="getOffer")
@refuses(OfferNotFound)
async def read_offer(offer_id: IdPath, user: ActiveUser, ports: Ports) -> OfferView:
    """Get an offer that was made to you.

    Until it ends; the offer shows the area of the drop-off, not the address.
    """
    return OfferView.of(await queries.own_offer(offer_id, user.uid, store=ports.store))


@direct(read_offer)
async def _read_offer(request: Request) -> OfferView:
    state = request.app.state
    return await read_offer(request.path_params["offer_id"], await active_user(request), state.ports)


@driver.post("/offers/{offer_id}/accept", operation_id="acceptOffer")
@refuses(OfferAnswerTooLate, OfferNotFound, OfferNotOpen)
async def accept(
    offer_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OfferView:
    """Accept an offer.

    The order is assigned to you. A late accept is refused with 409.
    """
    after = await accept_offer(
        AcceptOffer(offer_id, user.uid),
        store=ports.store,
        index=ports.index,
        now=now,
        idempotency=key.for_answer(OfferView.of_context) if key else None,
    )
    return OfferView.of_context(after)


@direct(accept)
async def _accept(request: Request) -> OfferView:
    user, state = await active_verified_user(request), request.app.state
    key = await optional_key(request, user)
    return await accept(request.path_params["offer_id"], user, key, state.ports, state.runtime.clock())


@driver.post("/offers/{offer_id}/decline", operation_id="declineOffer")
@refuses(OfferNotFound, OfferNotOpen)
async def decline(offer_id: IdPath, user: ActiveVerifiedUser, ports: Ports, now: Now) -> OfferView:
    """Decline an offer.

    The next driver gets an offer.
    """
    command = DeclineOffer(offer_id, user.uid)
    declined = await decline_offer(command, store=ports.store, index=ports.index, now=now)
    return OfferView.of_context(declined)
