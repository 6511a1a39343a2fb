"""One operating-system process of the stack: how it starts, where it logs, how it ends."""

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
    """What to run as a part of the stack, and what to tell the user if it does not come up."""

    part: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    remedy: str


class Guard:
    """The watcher process that ends every registered process group when the launcher vanishes."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            (*BARE_PYTHON, str(HERE / "guard.py")), stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def add(self, group: int) -> None:
        """Have the group ended if the launcher vanishes."""
        self._tell(f"+{group}")

    def drop(self, group: int) -> None:
        """Forget a group that has ended: its number may soon be somebody else's."""
        self._tell(f"-{group}")

    def close(self) -> None:
        """End the watcher, which ends the groups that are still registered."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(timeout=10)

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101  opened by the constructor
        with contextlib.suppress(BrokenPipeError):  # the leash still holds the parts
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


class Process:
    """A part's process in a session of its own; may be started again after it ended."""

    def __init__(self, command: Command, log: Path, guard: Guard) -> None:
        self.command = command
        self.log = log
        self._guard = guard
        self._process: asyncio.subprocess.Process | None = None
        self._swept = True

    @property
    def pid(self) -> int | None:
        """Process id while it runs, which is also the id of its group."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the command. The calling thread must outlive it: the leash is tied to that thread."""
        leash = (*BARE_PYTHON, str(HERE / "leash.py"), str(os.getpid()))
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *leash,
                *self.command.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.command.env),
                cwd=self.command.cwd,
                start_new_session=True,
            )
        self._swept = False
        self._guard.add(self._process.pid)

    async def wait(self) -> str:
        """Return how the process ended, once it has; nothing of its group is left then."""
        assert self._process is not None  # noqa: S101  a caller waits for what it started
        code = await self._process.wait()
        if not self._swept:  # once: later the number may be somebody else's
            self._swept = True
            _signal_group(self._process.pid, signal.SIGKILL)
            self._guard.drop(self._process.pid)
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    async def stop(self, grace_seconds: float = 4.0) -> None:
        """End the process and its group: politely, then not. Idempotent."""
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
        """Add a line of the launcher's to the part's log."""
        with self.log.open("a") as log:
            log.write(f"[launcher] {text}\n")

    def failure(self, what: str) -> PartFailedError:
        """The error that says what befell this part, with the tail of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return PartFailedError(self.command.part, what, "\n".join(lines[-TAIL_LINES:]), self.command.remedy)


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
