"""Begin a search for a driver again, as an operator."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch.directing import DirectedDecision, restart
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.ports import DispatchStore, Keys
from shared.kernel.audit import OperatorAction
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class RestartSearch:
    """The operator, and the order whose search has ended."""

    action: OperatorAction
    order_id: str


async def restart_search(
    command: RestartSearch, *, store: DispatchStore, idempotency: IdempotentRequest | None = None
) -> AssignmentContext:
    """Store the new search with its audit entry; the event `SearchRestarted` begins it.

    Raises what `directing.restart` raises.
    """

    def decide(context: AssignmentContext) -> DirectedDecision:
        return restart(context, command.action)

    keys = Keys(command.order_id, operator=command.action.operator.uid)
    return await store.change(keys, decide, idempotency)
