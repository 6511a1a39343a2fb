"""The bus behind the wire: every subscriber gets each message at least once, in any order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from shared.kernel.errors import Unavailable
from shared.kernel.event import Message
from tests.simulation.faults import Faults
from tests.simulation.ports.wire import Wire

ATTEMPTS = 10
FIRST_BACKOFF_S, LAST_BACKOFF_S = 1.0, 30.0
POISON = "poison:"
Receive = Callable[[str, Message], Awaitable[bool]]
"""Calls a function with a message; says whether it was acknowledged."""


class SimulatedBus:
    """See `Publisher`. `subscribers` are functions by topic, as their manifests say."""

    def __init__(
        self,
        wire: Wire,
        faults: Faults,
        chance: random.Random,
        subscribers: Mapping[str, Sequence[str]],
        receive: Receive,
        reads: Callable[[str, str], bool],
        watch: Callable[[Message], None],
    ) -> None:
        self.down = False
        self.dead_letters: list[tuple[str, Message]] = []
        self.poisoned: list[tuple[str, str]] = []
        self.under_way = 0
        self._wire, self._faults, self._chance = wire, faults, chance
        self._subscribers, self._receive, self._watch = subscribers, receive, watch
        self._reads = reads
        self._tasks: set[asyncio.Task[None]] = set()

    async def publish(self, messages: Sequence[Message]) -> None:
        await self._wire.write("bus.publish", lambda: self._take(messages), Unavailable)

    def replay(self) -> None:
        """Send the dead letters again that are sound, as an operator does when the trouble is over."""
        letters = self.dead_letters
        self.dead_letters = [(f, message) for f, message in letters if message.id.startswith(POISON)]
        for function, message in letters:
            if not message.id.startswith(POISON):
                self._send(function, message)

    async def _take(self, messages: Sequence[Message]) -> None:
        if self.down:
            raise Unavailable
        for message in messages:
            self._watch(message)
            self._fan_out(message)
            if self._faults.strikes("poison", message.topic):
                self._fan_out(replace(message, id=POISON + message.id, data="{"))

    def _fan_out(self, message: Message) -> None:
        for function in self._subscribers.get(message.topic, ()):
            if message.id.startswith(POISON) and self._reads(function, message.type):
                self.poisoned.append((function, message.id))
            copies = 2 if self._faults.strikes("message-duplicated", function) else 1
            for _ in range(copies):
                self._send(function, message)

    def _send(self, function: str, message: Message) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(function, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, function: str, message: Message) -> None:
        self.under_way += 1
        late = self._faults.strikes("message-delayed", function)
        await asyncio.sleep(self._chance.uniform(5, 90) if late else self._chance.expovariate(10))
        backoff = FIRST_BACKOFF_S
        for _ in range(ATTEMPTS):
            if await self._receive(function, message):
                break
            await asyncio.sleep(backoff)
            backoff = min(LAST_BACKOFF_S, 2 * backoff)
        else:
            self.dead_letters.append((function, message))
        self.under_way -= 1
