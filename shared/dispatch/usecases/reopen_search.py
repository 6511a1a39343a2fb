"""An order for which nobody was found waits still: look for a driver again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import searching
from shared.dispatch.domain import AssignmentContext, Verdict
from shared.dispatch.ports import DispatchPorts, Keys
from shared.dispatch.usecases.make_offer import FindDriver, Outcome, make_offer


@dataclass(frozen=True, slots=True)
class ReopenSearch:
    """The order whose search has rested."""

    order_id: str


async def reopen_search(command: ReopenSearch, *, ports: DispatchPorts, now: datetime) -> Outcome:
    """Open a new search if the last one ended `Config.cooldown` ago, and say what it came to at once.

    A search that has been opened goes on like any other, whoever dies here. Raises what `make_offer`
    raises.
    """

    def decide(context: AssignmentContext) -> Verdict[bool]:
        return searching.reopen(context, ports.config, now)

    if not await ports.store.change(Keys(order=command.order_id), decide):
        return Outcome.NOTHING_TO_DO
    return await make_offer(FindDriver(command.order_id), ports=ports, now=now)
