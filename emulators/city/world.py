"""The context that all users of a demo share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from emulators.city.event_log import EventLog
from emulators.city.options import Options
from emulators.city.scenario_script import ScenarioScript
from emulators.city.time_scale import TimeScale
from emulators.client.api import Refused
from emulators.client.retries import Unanswered

Activity = Coroutine[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class World:
    """The options, addresses, event log and running tasks of a demo."""

    options: Options
    env: Mapping[str, str]
    http: httpx.AsyncClient
    log: EventLog
    time_scale: TimeScale
    script: ScenarioScript
    tasks: asyncio.TaskGroup
    running: list[asyncio.Task[None]] = field(default_factory=list)

    def spawn(self, who: str, activity: Activity) -> asyncio.Task[None]:
        """Start an activity of a user. A refused or missing answer is logged as an error of the demo."""
        return self.follow(self.guarded(who, activity))

    def follow(self, activity: Activity) -> asyncio.Task[None]:
        """Start an activity that the demo depends on: its failure ends the demo."""
        task = self.tasks.create_task(activity)
        self.running.append(task)
        return task

    async def guarded(self, who: str, activity: Activity) -> None:
        """Run an activity; log a refused or missing answer as an error."""
        try:
            await activity
        except (Refused, Unanswered) as problem:
            self.log.error(who, problem)

    def stop(self) -> None:
        """Cancel all running activities."""
        for activity in self.running:
            activity.cancel()
