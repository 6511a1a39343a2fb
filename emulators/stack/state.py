"""A stack's folder: its lock, its state file, and what a launcher that vanished left behind."""

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
    """Hold the folder for one stack, with nothing of an earlier stack in it or running.

    The lock ends with this process, however that ends. Raises `StackError` if a stack runs there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackError(
                f"The stack {folder.name!r} runs already; another one needs another --name."
            ) from error
        _end_leftovers(folder / STATE_FILE)
        _clear(folder)
        try:
            yield
        finally:
            for name in (STATE_FILE, EXPORTS_FILE):
                (folder / name).unlink(missing_ok=True)


def write(folder: Path, state: Mapping[str, Any], env: Mapping[str, str]) -> None:
    """Replace the state file and the shell exports; a reader sees the old or the new, never a part."""
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in env.items())
    _replace(folder / EXPORTS_FILE, exports)
    _replace(folder / STATE_FILE, json.dumps(state, indent=2) + "\n")


def birth(pid: int) -> float | None:
    """When the process was started (seconds since the epoch); tells it from a later one of its number."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def _replace(file: Path, text: str) -> None:
    fresh = file.with_suffix(file.suffix + ".new")
    fresh.write_text(text)
    fresh.chmod(0o600)  # it holds the stack's secrets
    os.replace(fresh, file)


def _end_leftovers(file: Path) -> None:
    """End what a vanished launcher left, where neither leash nor guard could."""
    try:
        left: dict[str, dict[str, Any]] = json.loads(file.read_text())["processes"]
    except (OSError, ValueError, KeyError):
        return
    for process in left.values():
        if process["started"] is not None and birth(process["pid"]) == process["started"]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process["pid"], signal.SIGKILL)


def _clear(folder: Path) -> None:
    for name in (STATE_FILE, EXPORTS_FILE):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "logs", ignore_errors=True)
    (folder / "logs").mkdir()
