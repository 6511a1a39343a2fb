"""Register a user as a driver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import DispatchStore, Keys
from shared.dispatch.review import apply
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.vehicle import Vehicle


@dataclass(frozen=True, slots=True)
class RegisterDriver:
    """The user, their name and vehicle."""

    uid: str
    name: str
    vehicle: Vehicle


async def register_driver(
    command: RegisterDriver,
    *,
    store: DispatchStore,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Driver:
    """Store the driver, who waits for approval, and return them; one who was rejected applies again.

    Raises `AlreadyRegistered`.
    """

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, Driver]:
        driver = apply(context.driver, command.uid, command.name, command.vehicle, now)
        return Decision(AssignmentContext(driver=driver), (), driver)

    return await store.change(Keys(driver=command.uid), decide, idempotency)
