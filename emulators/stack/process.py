"""One operating-system process of the stack: its start, its log and its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emulators.stack.errors import PartFailedError

HERE = Path(__file__).parent
BARE_PYTHON = (sys.executable, "-I", "-S")
TAIL_LINES = 25


@dataclass(frozen=True, slots=True)
class Command:
    """The command of a part of the stack, and the remedy to print if it does not start."""

    part: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    remedy: str


class Guard:
    """The process that ends every registered process group when the launcher dies."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            (*BARE_PYTHON, str(HERE / "guard.py")), stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def add(self, group: int) -> None:
        """Register a group, to end it when the launcher dies."""
        self._send(f"+{group}")

    def drop(self, group: int) -> None:
        """Remove a group that has ended: the system can reuse its id."""
        self._send(f"-{group}")

    def close(self) -> None:
        """End the guard, which ends the groups that are still registered."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(timeout=10)

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101  opened by the constructor
        with contextlib.suppress(BrokenPipeError):  # the parent watch still ends the parts
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


class Process:
    """The process of a part in its own session; it can be started again after its end."""

    def __init__(self, command: Command, log: Path, guard: Guard) -> None:
        self.command = command
        self.log = log
        self._guard = guard
        self._process: asyncio.subprocess.Process | None = None
        self._group_ended = True

    @property
    def pid(self) -> int | None:
        """Process id while it runs, which is also the id of its group."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the command. The calling thread must outlive it: the parent watch depends on that thread."""
        parent_watch = (*BARE_PYTHON, str(HERE / "parent_watch.py"), str(os.getpid()))
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *parent_watch,
                *self.command.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.command.env),
                cwd=self.command.cwd,
                start_new_session=True,
            )
        self._group_ended = False
        self._guard.add(self._process.pid)

    async def wait(self) -> str:
        """Wait until the process ended, end the rest of its group, and return how it ended."""
        assert self._process is not None  # noqa: S101  a caller waits for what it started
        code = await self._process.wait()
        if not self._group_ended:  # only once: the system can reuse the id
            self._group_ended = True
            _signal_group(self._process.pid, signal.SIGKILL)
            self._guard.drop(self._process.pid)
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    async def stop(self, grace_seconds: float = 4.0) -> None:
        """End the process and its group: by SIGTERM, then by SIGKILL. Idempotent."""
        if self._process is None:
            return
        if self.pid is not None:
            _signal_group(self._process.pid, signal.SIGTERM)
            try:
                async with asyncio.timeout(grace_seconds):
                    await self._process.wait()
            except TimeoutError:
                _signal_group(self._process.pid, signal.SIGKILL)
        await self.wait()

    def note(self, text: str) -> None:
        """Write a line of the launcher to the part's log."""
        with self.log.open("a") as log:
            log.write(f"[launcher] {text}\n")

    def failure(self, what: str) -> PartFailedError:
        """Return the error of this part, with the tail of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return PartFailedError(self.command.part, what, "\n".join(lines[-TAIL_LINES:]), self.command.remedy)


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
