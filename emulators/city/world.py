"""What all people of a demo share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from emulators.city.api import Refused, Unanswered
from emulators.city.chronicle import Chronicle
from emulators.city.options import Options
from emulators.city.pace import Pace
from emulators.city.whims import Whims

Doing = Coroutine[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class World:
    """The demo's options, its addresses, its memory, and everything that people do at the moment."""

    options: Options
    env: Mapping[str, str]
    client: httpx.AsyncClient
    chronicle: Chronicle
    pace: Pace
    whims: Whims
    tasks: asyncio.TaskGroup
    doings: list[asyncio.Task[None]] = field(default_factory=list)

    def spawn(self, who: str, doing: Doing) -> asyncio.Task[None]:
        """Let somebody do something. An answer that stops them is an error of the demo, not its end."""
        return self.follow(self.guarded(who, doing))

    def follow(self, doing: Doing) -> asyncio.Task[None]:
        """Let something go on that the demo cannot do without: its failure ends the demo."""
        task = self.tasks.create_task(doing)
        self.doings.append(task)
        return task

    async def guarded(self, who: str, doing: Doing) -> None:
        """Do something; count an answer that stops it as an error."""
        try:
            await doing
        except (Refused, Unanswered) as problem:
            self.chronicle.error(who, problem)

    def rest(self) -> None:
        """Let everybody stop what they do."""
        for doing in self.doings:
            doing.cancel()
