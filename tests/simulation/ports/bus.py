"""The bus behind the wire: every subscriber gets each message at least once, in any order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from shared.kernel.errors import Unavailable
from shared.kernel.event import Message
from tests.fakes.bus import refuse_impossible
from tests.simulation.deployed import SUBSCRIBERS
from tests.simulation.faults import Faults
from tests.simulation.ports.wire import Wire
from tests.simulation.scenario import Redelivery

LONGEST_DELAY_S = 90.0
POISON = "poison:"
SWEPT_BEHIND = "dispatch_events"
"""The function whose order events may be lost for good; a sweeper finds the missing work."""
Receive = Callable[[str, Message], Awaitable[bool]]
"""Calls a function with a message; returns whether it was acknowledged."""


class SimulatedBus:
    """See `Publisher`. The manifests of the functions define the subscriptions."""

    def __init__(
        self,
        wire: Wire,
        faults: Faults,
        chance: random.Random,
        redelivery: Redelivery,
        receive: Receive,
        reads: Callable[[str, str], bool],
        watch: Callable[[Message], None],
    ) -> None:
        self.down = False
        self.broken: set[str] = set()
        """The functions that answer every event with an error, as after a faulty deployment."""
        self.dead_letters: list[tuple[str, Message]] = []
        self.poisoned: list[tuple[str, str, float]] = []
        """Function, message, and the time of its last delivery attempt."""
        self.under_way = 0
        self._wire, self._faults, self._chance = wire, faults, chance
        self._redelivery, self._receive, self._watch = redelivery, receive, watch
        self._reads = reads
        self._tasks: set[asyncio.Task[None]] = set()

    async def ping(self) -> None:
        if self.down:
            raise Unavailable("The event bus does not answer.")

    async def publish(self, messages: Sequence[Message]) -> None:
        await self._wire.write("bus.publish", lambda: self._take(messages), Unavailable)

    def replay(self) -> None:
        """Publish the valid dead letters again, as an operator does after an outage."""
        letters = self.dead_letters
        self.dead_letters = [(f, message) for f, message in letters if message.id.startswith(POISON)]
        for function, message in letters:
            if not message.id.startswith(POISON):
                self._send(function, message)

    async def _take(self, messages: Sequence[Message]) -> None:
        if self.down:
            raise Unavailable
        refuse_impossible(messages)
        known = [message for message in messages if message.topic in SUBSCRIBERS]
        partial = len(known) > 1 and self._faults.strikes("publish-partial")
        for message in known[: self._chance.randint(1, len(known) - 1)] if partial else known:
            self._watch(message)
            self._fan_out(message)
            if self._faults.strikes("poison", message.topic):
                self._fan_out(replace(message, id=POISON + message.id, data="{"))
        if partial or len(known) < len(messages):
            raise Unavailable

    def _fan_out(self, message: Message) -> None:
        for function in SUBSCRIBERS[message.topic]:
            if message.id.startswith(POISON) and self._reads(function, message.type):
                patience = LONGEST_DELAY_S + 1.1 * sum(self._redelivery.pauses())
                due = asyncio.get_running_loop().time() + patience
                self.poisoned.append((function, message.id, due))
            copies = 2 if self._faults.strikes("message-duplicated", function) else 1
            for _ in range(copies):
                self._send(function, message)

    def _send(self, function: str, message: Message) -> None:
        sound = not message.id.startswith(POISON)
        of_orders = function == SWEPT_BEHIND and message.topic == "orders" and sound
        if of_orders and self._faults.strikes("news-lost", function):
            return
        task = asyncio.get_running_loop().create_task(self._deliver(function, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, function: str, message: Message) -> None:
        self.under_way += 1
        late = self._faults.strikes("message-delayed", function)
        await asyncio.sleep(
            self._chance.uniform(5, LONGEST_DELAY_S) if late else self._chance.expovariate(10)
        )
        pauses = self._redelivery.pauses()
        while function in self.broken or not await self._receive(function, message):
            pause = next(pauses, None)
            if pause is None:
                self.dead_letters.append((function, message))
                break
            await asyncio.sleep(pause)
        self.under_way -= 1
