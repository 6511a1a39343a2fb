"""A running stack for tests: one that the whole session shares, and others for tests that break things."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from emulators.stack import Options, Stack, running_stack
from emulators.stack.admin import Admin
from tests.observed import observer

START_LIMIT_SECONDS = 600.0
"""A hang, not a slow machine."""


class StackThread:
    """Runs a stack in a thread with an event loop of its own, so that any test, of any loop, may use it."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._started: Future[Stack] = Future()
        self._ended: Future[None] = Future()
        self._stop: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._run, name=f"stack {options.name}", daemon=True)

    def start(self) -> RunningStack:
        """Return once the stack is ready. Raises what its start raises."""
        self._thread.start()
        return RunningStack(self._started.result(START_LIMIT_SECONDS))

    def stop(self) -> None:
        """Stop the stack. Raises the error of a part that failed while the stack ran."""
        self._stop()
        self._thread.join()
        if self._ended.done():
            self._ended.result()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # for the thread that called start() or, later, stop()
            (self._ended if self._started.done() else self._started).set_exception(error)

    async def _serve(self) -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        self._stop = lambda: loop.is_closed() or loop.call_soon_threadsafe(stopping.set)
        async with running_stack(self._options) as stack:
            self._started.set_result(stack)
            await stopping.wait()


class RunningStack:
    """What a test needs to know of a stack."""

    def __init__(self, stack: Stack) -> None:
        assert stack.admin is not None
        self._stack = stack
        self.url: str = stack.url
        self.env: dict[str, str] = dict(stack.env)
        self.admin: Admin = stack.admin
        self.functions: dict[str, str] = stack.functions
        self.addresses: dict[str, str] = stack.addresses
        self.folder: Path = stack.folder

    def pid(self, part: str) -> int | None:
        """Current process id of a part (and of a function that is alone); None while it is down."""
        return self._stack.pids.get(part)


StackFactory = Callable[..., RunningStack]


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[RunningStack]:
    """One stack for the whole session, all functions in one process."""
    options = Options(name=f"test-{os.getpid()}", isolated=False)
    thread = StackThread(options)
    try:
        yield thread.start()
    finally:
        thread.stop()
        _forget(options, request)


@pytest.fixture
def stack_environment(stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The session's stack in the environment of the test itself, where Google's clients look."""
    for name, value in stack.env.items():
        monkeypatch.setenv(name, value)
    return stack.env


@pytest.fixture
def isolated_stack(request: pytest.FixtureRequest) -> Iterator[StackFactory]:
    """A factory of stacks of the test's own, one process per function unless told otherwise: for tests
    that kill. Naming those to be killed in `alone` saves the processes of the others."""
    started: list[tuple[StackThread, Options]] = []

    def start(**wanted: Any) -> RunningStack:
        options = Options(name=f"test-{os.getpid()}-{len(started) + 1}", **wanted)
        thread = StackThread(options)
        started.append((thread, options))
        return thread.start()

    try:
        yield start
    finally:
        for thread, options in started:
            thread.stop()
            _forget(options, request)


def _forget(options: Options, request: pytest.FixtureRequest) -> None:
    """Drop the stack's folder; after a failure its logs are worth keeping."""
    observer.read((options.folder / "logs").glob("*.log"))
    if not request.session.testsfailed:
        shutil.rmtree(options.folder, ignore_errors=True)
