"""The folder of a stack: its lock, its state file, and the processes that a dead launcher left."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import shutil
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from emulators.stack.errors import StackError

STATE_FILE = "stack.json"
EXPORTS_FILE = "stack.env"


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Lock the folder for one stack, and remove what an earlier stack left.

    The lock ends with this process. Raises `StackError` if a stack runs there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackError(
                f"The stack {folder.name!r} is running already; start another one with another --name."
            ) from error
        _end_leftovers(folder / STATE_FILE)
        _clear(folder)
        try:
            yield
        finally:
            for name in (STATE_FILE, EXPORTS_FILE):
                (folder / name).unlink(missing_ok=True)


def write(folder: Path, state: Mapping[str, Any], env: Mapping[str, str]) -> None:
    """Replace the state file and the shell exports; atomically."""
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in env.items())
    _replace(folder / EXPORTS_FILE, exports)
    _replace(folder / STATE_FILE, json.dumps(state, indent=2) + "\n")


def birth(pid: int) -> float | None:
    """Return when the process started (Unix time), which identifies it even if its id is reused."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def _replace(file: Path, text: str) -> None:
    new = file.with_suffix(file.suffix + ".new")
    new.write_text(text)
    new.chmod(0o600)  # it contains the stack's secrets
    os.replace(new, file)


def _end_leftovers(file: Path) -> None:
    """End the processes that a dead launcher left, where neither parent watch nor guard could."""
    try:
        recorded: dict[str, dict[str, Any]] = json.loads(file.read_text())["processes"]
    except (OSError, ValueError, KeyError):
        return
    for process in recorded.values():
        if process["started"] is not None and birth(process["pid"]) == process["started"]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process["pid"], signal.SIGKILL)


def _clear(folder: Path) -> None:
    for name in (STATE_FILE, EXPORTS_FILE):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "logs", ignore_errors=True)
    (folder / "logs").mkdir()
