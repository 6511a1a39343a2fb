"""Where the functions run: each call in a process of its own, with its own clock, that may die."""

from __future__ import annotations

import asyncio
import base64
import itertools
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any

from shared.edge import events as edge
from shared.kernel.errors import DomainError
from shared.kernel.event import Event, Message
from shared.kernel.idempotency import AlreadyAnswered
from shared.payments.ports import WebhookEvent
from shared.payments.usecases.handle_webhook import handle_webhook
from tests.simulation.deployed import call_with, handlers, tasks
from tests.simulation.faults import Faults
from tests.simulation.process import Gone, Process, local_time, serve, true_time
from tests.simulation.runtime import port

FUNCTION_TIMEOUT_S = 30.0
MAX_SKEW_S = 30.0
"""Two clocks are at most a minute apart."""


class Host:
    """Starts processes; `fail` hears of what client foresaw, `tell` of everything."""

    def __init__(
        self,
        faults: Faults,
        chance: random.Random,
        tell: Callable[[str, str], None],
        fail: Callable[[str, str], None],
    ) -> None:
        self._numbers = itertools.count()
        self._faults, self._chance = faults, chance
        self._tell, self._fail = tell, fail
        self.acknowledged: Callable[[Process, str, Message], None] = lambda *_: None
        """Hears of every event that a function has dealt with, and of the process in which it did."""

    def start(self, name: str, skew: timedelta | None = None) -> Process:
        """Return a new process, whose clock may be wrong; by how much is drawn unless it is said."""
        if skew is None:
            skewed = self._faults.strikes("clock-skew", name.split(" ")[0])
            skew = timedelta(seconds=self._chance.uniform(-MAX_SKEW_S, MAX_SKEW_S) if skewed else 0)
        died = asyncio.get_running_loop().create_future()
        return Process(next(self._numbers), name, skew, true_time() + skew, died)

    async def run(self, process: Process, work: Coroutine[Any, Any, Any], patience: float) -> Any:
        """Let the process do the work and return its answer.

        Raises `Gone`, `AlreadyAnswered` or the domain's errors; any other is a fault of the code.
        """
        try:
            return await serve(process, work, patience)
        except Gone:
            self._tell(process.name, "no answer" if not process.dead else "died")
            if process.task:
                process.task.add_done_callback(lambda task: self._ended_late(process, task))
            raise
        except (DomainError, AlreadyAnswered):
            raise
        except Exception as error:
            self._fail("unforeseen", f"{process.name}: {type(error).__name__}: {error}")
            raise Gone from error

    async def internal(
        self, name: str, work: Coroutine[Any, Any, Any], skew: timedelta | None = None
    ) -> bool:
        """Run what the platform calls; say whether it was a success."""
        return await self._succeeds(self.start(name, skew), work)

    async def _succeeds(self, process: Process, work: Coroutine[Any, Any, Any]) -> bool:
        self._tell(process.name, "begins")
        try:
            await self.run(process, work, FUNCTION_TIMEOUT_S)
        except Gone:
            return False
        except DomainError as error:
            self._tell(process.name, f"answers {error.code}")
            return False
        return True

    def reads(self, function: str, type_: str) -> bool:
        """Say whether a function looks into events of a type; it acknowledges all others unread."""
        return type_ in handlers(function)

    async def receive(self, function: str, message: Message) -> bool:
        """Bring an event to a function, as its app would take it in."""
        found = handlers(function).get(message.type)
        if found is None:
            return True
        event, handler = found
        process = self.start(f"{function} {event.name()} {message.subject[-6:]}")
        done = await self._succeeds(process, _handled(event, handler, message))
        if done:
            self.acknowledged(process, function, message)
        return done

    async def post(self, path: str, body: Mapping[str, Any]) -> bool:
        """Bring a task to its function."""
        function, _, route = tasks()[path]
        about = str(body.get("offer_id") or body.get("order_id") or "")
        return await self.internal(f"{function} {path[7:]} {about[-8:]}", call_with(function, route, body))

    async def webhook(self, event: WebhookEvent) -> bool:
        """Bring a webhook, whose signature has been verified, to its use case."""
        return await self.internal(f"payments_webhooks {event.subject_ref.id[-6:]}", _handled_webhook(event))

    def _ended_late(self, process: Process, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not isinstance(error, DomainError | AlreadyAnswered):
            self._fail("unforeseen", f"{process.name}: {type(error).__name__}: {error}")


async def _handled_webhook(event: WebhookEvent) -> None:
    await handle_webhook(event, store=port("payments_webhooks", "store"), now=local_time())


async def _handled(event: type[Event], handler: Callable[[Event], Awaitable[None]], message: Message) -> None:
    data = base64.b64encode(message.data.encode()).decode()
    await edge._handle(edge._decode(event, data), handler)
