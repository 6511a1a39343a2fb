"""Let a driver leave dispatch whose account was closed, or come back when it was opened again."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch.departures import close
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import Accounts, Keys, SearchPorts
from shared.dispatch.usecases.check_assignment import CheckAssignment, check_assignment
from shared.kernel.clock import Clock
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class CloseDriver:
    """The user whose account was closed or opened."""

    uid: str


async def close_driver(
    command: CloseDriver, *, ports: SearchPorts, accounts: Accounts, clock: Clock
) -> Driver | None:
    """Bring the driver to the state of their account as it is now; return them, or None where they are none.

    A closed driver gets no offers, their outstanding offer ends, orders before the pickup are searched for
    again, and orders after it go to operators until the account is opened again. A repeat is harmless.
    Raises `Unavailable`: then call again.
    """
    closed = await accounts.is_closed(command.uid)
    ended: list[str] = []

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, Driver | None]:
        ended[:] = [context.offer.id] if context.offer else []
        return close(context, closed=closed, now=clock())  # mutant: closed-driver-stays

    driver = await ports.store.change(Keys(driver=command.uid, outstanding=True), decide)
    if driver is None:
        return None
    await ports.index.upsert_profile(driver)
    for offer in ended:
        await ports.index.release(driver.id, offer)
    for order_id in driver.active_orders:
        await check_assignment(CheckAssignment(order_id, driver.id), ports=ports, now=clock())
    return driver
