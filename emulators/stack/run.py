"""Start a stack, supervise it, and stop all of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from emulators.stack import environment, state
from emulators.stack.admin import Admin
from emulators.stack.layout import PARTS, REPOSITORY, SLOW_FIRESTORE, Layout, Options
from emulators.stack.ports import PortLease, standard_ports
from emulators.stack.process import Guard
from emulators.stack.startup import EMULATORS, start
from emulators.stack.supervisor import Supervisor
from shared import manifest


@dataclass(slots=True)
class Stack:
    """A running stack: its addresses and its admin."""

    layout: Layout
    supervisor: Supervisor | None = None
    admin: Admin | None = None
    env: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The gateway's base URL: the public API."""
        return self.layout.url("gateway")

    @property
    def functions(self) -> dict[str, str]:
        """Base URL of every function, without the gateway."""
        return self.layout.function_urls

    @property
    def addresses(self) -> dict[str, str]:
        """`host:port` of every part and function by name."""
        return {name: self.layout.address(name) for name in self.layout.ports}

    @property
    def folder(self) -> Path:
        """The folder of the state file and the logs."""
        return self.layout.options.folder

    @property
    def pids(self) -> dict[str, int]:
        """Current process id of every part, and of every function in isolated mode."""
        return self.supervisor.pids if self.supervisor else {}

    def save(self) -> None:
        """Write the state file and the shell exports."""
        state.write(self.folder, self._state(), self.env)

    def _state(self) -> dict[str, Any]:
        return {
            "name": self.layout.options.name,
            "ready": self.admin is not None,
            "isolated": self.layout.options.isolated,
            "launcher": os.getpid(),
            "url": self.url,
            "admin": asdict(self.admin) if self.admin else None,
            "addresses": self.addresses,
            "functions": self.functions,
            "processes": {name: {"pid": pid, "started": state.birth(pid)} for name, pid in self.pids.items()},
            "env": self.env,
        }


@contextlib.asynccontextmanager
async def running_stack(options: Options) -> AsyncIterator[Stack]:
    """Run a stack around the body of an `async with`; everything is stopped in any case.

    If a part fails permanently, the body is cancelled and the part's `StackError` is raised.
    SIGTERM and SIGHUP cancel the body too. The thread that enters must outlive the stack: its end
    ends the processes.
    """
    body = asyncio.current_task()
    assert body is not None  # noqa: S101  a coroutine always runs in a task
    failures: list[BaseException] = []

    def fail(error: BaseException) -> None:
        failures.append(error)
        if len(failures) == 1:
            body.cancel()

    async with contextlib.AsyncExitStack() as cleanup:
        cleanup.enter_context(state.owned(options.folder))
        layout = _layout(options, cleanup)
        stack = Stack(layout, env={**environment.common(layout), **layout.secrets})
        guard = cleanup.enter_context(contextlib.closing(Guard()))
        stack.supervisor = Supervisor(layout, guard, stack.save, fail)
        cleanup.enter_context(_cancelled_by_signals(body))
        # It stays open after the start: a function that restarts is probed again.
        client = await cleanup.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=5))
        try:
            await _start(stack, client)
            yield stack
        except asyncio.CancelledError:
            if not failures:
                raise
            body.uncancel()
            raise failures[0] from None
        finally:
            await stack.supervisor.stop(last=EMULATORS)


async def _start(stack: Stack, client: httpx.AsyncClient) -> None:
    assert stack.supervisor is not None  # noqa: S101  set by the only caller
    stack.admin = await start(stack.layout, stack.supervisor, client)
    stack.env |= {
        "ADMIN_EMAIL": stack.admin.email,
        "ADMIN_PASSWORD": stack.admin.password,
        "ADMIN_ENROLMENT_CODE": stack.admin.enrolment_code,
    }
    stack.save()


def _layout(options: Options, cleanup: contextlib.AsyncExitStack) -> Layout:
    manifests = manifest.load_all(options.root)
    wanted = standard_ports(REPOSITORY / "firebase.json") if options.standard_ports else {}
    proxies = (SLOW_FIRESTORE,) if options.slow_firestore else ()
    lease = cleanup.enter_context(PortLease((*PARTS, *proxies, *manifests), wanted))
    return Layout(options, manifests, lease.ports, environment.new_secrets(), wanted)


@contextlib.contextmanager
def _cancelled_by_signals(task: asyncio.Task[Any]) -> Iterator[None]:
    """Let SIGTERM and SIGHUP cancel the task, as SIGINT does under `asyncio.run`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, numbers = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
