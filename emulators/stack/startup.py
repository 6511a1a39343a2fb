"""Start the parts of a stack, concurrently where their dependencies allow it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx

from emulators.stack import commands, functions
from emulators.stack.admin import Admin, new_admin, write_account, write_user
from emulators.stack.layout import Layout
from emulators.stack.process import Command
from emulators.stack.readiness import answers, answers_ping
from emulators.stack.supervisor import Supervisor

EMULATORS = ("firestore", "pubsub", "auth", "redis")  # stopped last: all our parts depend on them


async def start(layout: Layout, supervisor: Supervisor, client: httpx.AsyncClient) -> Admin:
    """Start every part, and return the stack's admin when all are ready. Raises `StackError`."""
    start = _Start(layout, supervisor, client)
    try:
        async with asyncio.TaskGroup() as group:
            for step in start.independent_steps():
                group.create_task(step)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return start.admin


class _Start:
    """One start of a stack: its steps, each followed by the steps that depend on it."""

    def __init__(self, layout: Layout, supervisor: Supervisor, client: httpx.AsyncClient) -> None:
        self._layout = layout
        self._supervisor = supervisor
        self._client = client
        self.admin = new_admin()

    def independent_steps(self) -> list[Coroutine[Any, Any, None]]:
        """Return the independent steps, the slowest first; functions need no other part to start."""
        return [self._auth(), self._google_and_host(), self._redis(), self._functions()]

    async def _auth(self) -> None:
        await self._launch(commands.auth(self._layout))
        await write_account(self._client, self._layout, self.admin)

    async def _google_and_host(self) -> None:
        found = await asyncio.to_thread(commands.google, self._layout)  # may call gcloud, which takes seconds
        await asyncio.gather(self._firestore(found.firestore), self._pubsub_and_host(found.pubsub))

    async def _firestore(self, command: Command) -> None:
        await self._launch(command)
        await write_user(self._client, self._layout, self.admin)

    async def _pubsub_and_host(self, command: Command) -> None:
        await self._launch(command)
        host = commands.host(self._layout)  # it creates its topics at once, so it starts after Pub/Sub
        await self._supervisor.launch(host, answers(self._client, f"{self._layout.url('oidc')}/ready"))

    async def _redis(self) -> None:
        probe = answers_ping(self._layout.ports["redis"])
        await self._supervisor.launch(commands.redis(self._layout), probe)

    async def _functions(self) -> None:
        await asyncio.gather(*(self._function(command) for command in functions.commands(self._layout)))

    async def _function(self, command: Command) -> None:
        healths = [
            answers(self._client, f"{self._layout.url(name)}/health")
            for name in functions.serving(self._layout, command.part)
        ]

        async def all_healthy() -> bool:
            return all([await healthy() for healthy in healths])

        await self._supervisor.launch(command, all_healthy, restarts=command.part != functions.TOGETHER)

    async def _launch(self, command: Command) -> None:
        """Launch an emulator that answers its root path once it is ready."""
        await self._supervisor.launch(command, answers(self._client, self._layout.url(command.part)))
