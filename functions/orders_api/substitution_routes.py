"""The routes by which a merchant proposes a substitution and the customer answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from functions.orders_api.replays import replays_to_party
from functions.orders_api.schemas import OrderView
from functions.orders_api.substitution_schemas import SubstitutionList, SubstitutionRequest, SubstitutionView
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, ActiveVerifiedUser
from shared.edge.idempotency import IdempotencyKey, OptionalIdempotencyKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.orders import queries
from shared.orders.closing import shown_to
from shared.orders.domain import IllegalTransition, NotPermitted, Order, OrderNotFound
from shared.orders.pricing import ItemUnavailable, ModifiersInvalid, UnknownItem
from shared.orders.reservations import OutOfStock
from shared.orders.substitution_state import SubstitutionOpen
from shared.orders.substitutions.domain import LineUnknown, SubstitutionNotFound, SubstitutionOver
from shared.orders.substitutions.usecases.answer_substitution import AnswerSubstitution, answer_substitution
from shared.orders.substitutions.usecases.propose_substitution import propose_substitution

Ports = Annotated[OrdersPorts, PORTS]

substitutions = api_router("/api/v1/orders/{order_id}/substitutions", tags=["substitutions"])


@substitutions.post("", operation_id="proposeSubstitution", status_code=201)
@limited(CREATING)
@refuses(
    IllegalTransition,
    LineUnknown,
    ModifiersInvalid,
    NotPermitted,
    OrderNotFound,
    SubstitutionOpen,
    UnknownItem,
)
async def propose(
    order_id: IdPath,
    body: SubstitutionRequest,
    user: ActiveVerifiedUser,
    key: IdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> SubstitutionView:
    """Propose a replacement for an unavailable item.

    For the staff of the merchant. The customer has 10 minutes to answer and pays no more than before.
    """
    substitution_id = new_id("sub")

    def proposed(order: Order) -> SubstitutionView:
        return SubstitutionView.model_validate(order.substitutions[-1])

    async with replays_to_party(order_id, user.uid, ports):
        order = await propose_substitution(
            body.command(user.uid, order_id, substitution_id),
            orders=ports.orders,
            catalogue=ports.catalogue,
            memberships=ports.memberships,
            now=now,
            idempotency=key.for_answer(proposed),
        )
    return proposed(order)


@substitutions.get("", operation_id="listSubstitutions")
@refuses(OrderNotFound)
async def list_substitutions(order_id: IdPath, user: ActiveUser, ports: Ports) -> SubstitutionList:
    """List the proposed replacements of an order.

    For the parties of the order.
    """
    order = await queries.get_order(order_id, user.uid, orders=ports.orders, memberships=ports.memberships)
    return SubstitutionList.of(order)


@substitutions.post("/{substitution_id}/accept", operation_id="acceptSubstitution")
@refuses(ItemUnavailable, NotPermitted, OrderNotFound, OutOfStock, SubstitutionNotFound, SubstitutionOver)
async def accept(
    order_id: IdPath,
    substitution_id: IdPath,
    user: ActiveVerifiedUser,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> OrderView:
    """Accept a proposed replacement.

    For the customer. A cheaper replacement refunds the difference; one that is gone meanwhile is refused.
    """
    return await _answer(
        AnswerSubstitution(user.uid, order_id, substitution_id, accepts=True), key, ports, now
    )


@substitutions.post("/{substitution_id}/decline", operation_id="declineSubstitution")
@refuses(NotPermitted, OrderNotFound, SubstitutionNotFound, SubstitutionOver)
async def decline(
    order_id: IdPath,
    substitution_id: IdPath,
    user: ActiveVerifiedUser,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> OrderView:
    """Decline a proposed replacement.

    For the customer. The price of the item is refunded; without any item left the order is cancelled.
    """
    return await _answer(
        AnswerSubstitution(user.uid, order_id, substitution_id, accepts=False), key, ports, now
    )


async def _answer(
    command: AnswerSubstitution, key: OptionalIdempotencyKey, ports: OrdersPorts, now: datetime
) -> OrderView:
    def shown(order: Order) -> OrderView:
        return OrderView.of(shown_to(order, command.uid))

    idempotency = key.for_answer(shown) if key else None
    async with replays_to_party(command.order_id, command.uid, ports):
        order = await answer_substitution(
            command, substitutions=ports.substitutions, now=now, idempotency=idempotency
        )
    return shown(order)
