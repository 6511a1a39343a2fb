"""Attempts that end while the request that returns them runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest

from shared.adapters.firestore.database import Snapshot
from shared.kernel.idempotency import AlreadyAnswered, IdempotentRequest
from shared.payments import charges
from shared.payments.domain import AttemptEnded, State
from shared.payments.subjects import AlreadyPaid
from tests.unit.payments.world import ORDER_REF, MortalDatabase, World


def _once() -> IdempotentRequest:
    return IdempotentRequest("idm_1", "f", lambda payment: {"id": payment.id})


class Meanwhile(MortalDatabase):
    """A database that runs `happens` once, just after the payment is read."""

    happens: Callable[[], Awaitable[None]] | None = None

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        found = await super().get_all(paths)
        if self.happens is not None and paths[0].startswith("payments/"):
            happens, self.happens = self.happens, None
            await happens()
        return found


async def test_a_link_that_fails_while_the_request_runs_is_not_returned() -> None:
    database = Meanwhile()
    world = World(database)
    first = await world.start()

    async def declined() -> None:
        world.gateway.decline(first.link)
        await world.receive_all()

    database.happens = declined
    second = await world.start(idempotency=_once())

    assert (await world.payment(first.id)).state is State.FAILED
    assert (second.attempt, second.state) == (2, State.PENDING)
    assert second == await world.payment(second.id)
    with pytest.raises(AlreadyAnswered) as replayed:
        await world.start(idempotency=_once())
    assert replayed.value.answer == {"id": second.id}


async def test_an_order_that_is_paid_while_the_request_runs_is_already_paid() -> None:
    database = Meanwhile()
    world = World(database)
    first = await world.start()

    async def paid() -> None:
        world.gateway.pay(first.link)
        await world.receive_all()

    database.happens = paid

    with pytest.raises(AlreadyPaid):
        await world.start()


async def test_a_failed_attempt_is_not_stored_as_the_response(world: World) -> None:
    first = await world.failed()

    with pytest.raises(AttemptEnded):
        await world.store.change(
            ORDER_REF, first.id, lambda aggregate: charges.start(aggregate, first), idempotency=_once()
        )

    assert world.database.collection("idempotency") == {}
