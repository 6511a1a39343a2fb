"""Reopen the search for a driver after its cooldown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import searching
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.ports import Keys, SearchPorts
from shared.dispatch.usecases.make_offer import FindDriver, Outcome, make_offer
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class ReopenSearch:
    """The order whose search has ended."""

    order_id: str


async def reopen_search(command: ReopenSearch, *, ports: SearchPorts, now: datetime) -> Outcome:
    """Start a new search when the last one ended `Config.cooldown` ago, and return its outcome.

    A search that was started continues like any other after a crash. Raises what `make_offer` raises.
    """

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, bool]:
        return searching.reopen(context, ports.config, now)

    if not await ports.store.change(Keys(order=command.order_id), decide):
        return Outcome.NOTHING_TO_DO
    return await make_offer(FindDriver(command.order_id), ports=ports, now=now)
