"""The routes by which a merchant proposes a substitution and the customer answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from functions.orders_api.schemas import OrderView
from functions.orders_api.substitution_schemas import SubstitutionList, SubstitutionRequest, SubstitutionView
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveVerifiedUser, SignedInUser
from shared.edge.idempotency import IdempotencyKey, OptionalIdempotencyKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.schemas import IdPath
from shared.orders import queries
from shared.orders.domain import Order
from shared.orders.substitutions.usecases.answer_substitution import AnswerSubstitution, answer_substitution
from shared.orders.substitutions.usecases.propose_substitution import propose_substitution

Ports = Annotated[OrdersPorts, PORTS]

substitutions = api_router("/api/v1/orders/{order_id}/substitutions", tags=["orders"])


@substitutions.post("", status_code=201)
@limited(CREATING)
async def propose(
    order_id: IdPath,
    body: SubstitutionRequest,
    user: ActiveVerifiedUser,
    key: IdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> SubstitutionView:
    """Propose a substitution for a line of an order (merchant).

    The customer has 10 minutes to answer and never pays more than before; a lower price is refunded.
    Without an answer the line is removed.
    """
    substitution_id = new_id("sub")

    def proposed(order: Order) -> SubstitutionView:
        return SubstitutionView.model_validate(order.substitutions[-1])

    order = await propose_substitution(
        body.command(user.uid, order_id, substitution_id),
        orders=ports.orders,
        catalogue=ports.catalogue,
        now=now,
        idempotency=key.for_answer(proposed),
    )
    return proposed(order)


@substitutions.get("")
async def list_substitutions(order_id: IdPath, user: SignedInUser, ports: Ports) -> SubstitutionList:
    """List the substitutions of an order that you are a party to."""
    return SubstitutionList.of(await queries.get_order(order_id, user.uid, orders=ports.orders))


@substitutions.post("/{substitution_id}/accept")
async def accept(
    order_id: IdPath,
    substitution_id: IdPath,
    user: ActiveVerifiedUser,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> OrderView:
    """Accept a substitution (customer)."""
    command = AnswerSubstitution(user.uid, order_id, substitution_id, accepts=True)
    return await _answer(command, key, ports, now)


@substitutions.post("/{substitution_id}/decline")
async def decline(
    order_id: IdPath,
    substitution_id: IdPath,
    user: ActiveVerifiedUser,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> OrderView:
    """Decline a substitution (customer).

    The line is removed and its price is refunded. When it was the last line, the order is cancelled.
    """
    command = AnswerSubstitution(user.uid, order_id, substitution_id, accepts=False)
    return await _answer(command, key, ports, now)


async def _answer(
    command: AnswerSubstitution, key: OptionalIdempotencyKey, ports: OrdersPorts, now: datetime
) -> OrderView:
    idempotency = key.for_answer(OrderView.of) if key else None
    order = await answer_substitution(
        command, substitutions=ports.substitutions, now=now, idempotency=idempotency
    )
    return OrderView.of(order)
