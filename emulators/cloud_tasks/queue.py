"""One queue: its tasks, the names of recent tasks, and the attempts of each task."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from google.cloud.tasks_v2 import Attempt, Queue, Task
from google.rpc import status_pb2

from emulators.background import Background
from emulators.clock import Clock
from emulators.cloud_tasks import validation
from emulators.cloud_tasks.dispatch import Dispatcher, Outcome
from emulators.cloud_tasks.errors import already_exists, not_found
from emulators.cloud_tasks.limits import RateLimit, RetryPolicy

# The real service reserves a name for an hour or more after the end of its task.
TOMBSTONE = timedelta(hours=1)
COUNTERS = ("created", "dispatched", "deleted", "failed", "abandoned")


@dataclass(slots=True)
class _Entry:
    task: Task
    runner: asyncio.Task[None] | None = None
    sending: bool = False


class TaskQueue:
    """Stores tasks, sends each at its time, and retries until it succeeds or its attempts are used up.

    `counters` counts tasks created, attempts dispatched, tasks deleted by call, attempts failed,
    and tasks abandoned after their last attempt.
    """

    def __init__(self, definition: Queue, dispatcher: Dispatcher, clock: Clock) -> None:
        self.definition = definition
        self.counters: Counter[str] = Counter(dict.fromkeys(COUNTERS, 0))
        self._dispatcher = dispatcher
        self._clock = clock
        limits = definition.rate_limits
        self._slots = asyncio.Semaphore(limits.max_concurrent_dispatches)
        self._rate = RateLimit(limits.max_dispatches_per_second, limits.max_burst_size)
        self._entries: dict[str, _Entry] = {}
        self._tombstones: dict[str, datetime] = {}
        self._background = Background()

    @property
    def name(self) -> str:
        """Full resource name."""
        return str(self.definition.name)

    def create(self, requested: Task) -> Task:
        """Store the task and plan its first attempt; raises `RejectedError`."""
        now = self._clock.now()
        validation.check(requested, self.name, now)
        self._check_name_is_free(requested.name, now)
        task = Task(requested)
        task.name = requested.name or f"{self.name}/tasks/{secrets.randbelow(10**19)}"
        task.create_time = now
        task.schedule_time = max(now, requested.schedule_time or now)
        task.dispatch_count = task.response_count = 0
        entry = self._entries[task.name] = _Entry(task)
        entry.runner = self._background.spawn(self._run(entry), name=f"task {task.name}")
        self.counters["created"] += 1
        return task

    def get(self, name: str) -> Task:
        """Return a pending task; raises `RejectedError`."""
        return self._entry(name).task

    def tasks(self) -> list[Task]:
        """Return the pending tasks, by name."""
        return [self._entries[name].task for name in sorted(self._entries)]

    def delete(self, name: str) -> None:
        """Delete a task; a running attempt ends, but is the last."""
        entry = self._entry(name)
        self._remove(entry)
        self.counters["deleted"] += 1
        if entry.runner is not None and not entry.sending:
            entry.runner.cancel()

    async def stop(self) -> None:
        """Stop all attempts."""
        await self._background.stop()

    def _entry(self, name: str) -> _Entry:
        if (entry := self._entries.get(name)) is not None:
            return entry
        if name in self._tombstones:
            raise not_found(
                "The task no longer exists, though a task with this name existed recently. "
                "The task either successfully completed or was deleted."
            )
        raise not_found("Task does not exist.")

    def _check_name_is_free(self, name: str, now: datetime) -> None:
        if name in self._entries:
            raise already_exists("Requested entity already exists")
        for old, until in list(self._tombstones.items()):
            if until > now:
                break
            del self._tombstones[old]
        if name in self._tombstones:
            raise already_exists(
                "The task cannot be created because a task with this name existed too recently."
            )

    def _remove(self, entry: _Entry) -> None:
        del self._entries[entry.task.name]
        self._tombstones[entry.task.name] = self._clock.now() + TOMBSTONE

    async def _run(self, entry: _Entry) -> None:
        """Attempt until the task succeeds, is abandoned or is deleted."""
        task, outcome = entry.task, None
        while self._entries.get(task.name) is entry:
            await self._clock.sleep_until(task.schedule_time)
            async with self._slots:
                await self._clock.sleep_until(self._rate.reserve(self._clock.now()))
                outcome = await self._attempt(entry, outcome)
            if self._entries.get(task.name) is entry:
                self._finish_attempt(entry, outcome)

    async def _attempt(self, entry: _Entry, previous: Outcome | None) -> Outcome:
        task, started = entry.task, self._clock.now()
        self.counters["dispatched"] += 1
        entry.sending = True
        outcome = await self._dispatcher.attempt(task, previous)
        entry.sending = False
        task.dispatch_count += 1
        task.response_count += outcome.status is not None
        task.last_attempt = Attempt(
            schedule_time=task.schedule_time,
            dispatch_time=started,
            response_time=self._clock.now(),
            response_status=status_pb2.Status(code=outcome.code.value[0], message=outcome.message),
        )
        if "first_attempt" not in task:
            task.first_attempt = Attempt(dispatch_time=started)
        return outcome

    def _finish_attempt(self, entry: _Entry, outcome: Outcome) -> None:
        task, now = entry.task, self._clock.now()
        if outcome.succeeded:
            self._remove(entry)
            return
        self.counters["failed"] += 1
        own = "retry_config" in task
        policy = RetryPolicy.of(task.retry_config if own else self.definition.retry_config)
        if policy.exhausted(task.dispatch_count, now - task.first_attempt.dispatch_time):
            self.counters["abandoned"] += 1
            self._remove(entry)
        else:
            task.schedule_time = now + policy.backoff(task.dispatch_count)
