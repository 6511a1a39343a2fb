"""Inspect processes and ports from outside, for the tests of the launcher."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from emulators.stack.layout import REPOSITORY

STACK_ROOT = Path(__file__).parent / "stack_root"
LIMIT_SECONDS = 600.0


def eventually(condition: Callable[[], bool], what: str, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Return once the condition holds; fail when it does not within the limit."""
    deadline = time.monotonic() + limit_seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not: {what}"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Return whether the process runs; a zombie does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def accepts(address: str) -> bool:
    """Return whether something listens on `host:port`."""
    host, port = address.split(":")
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, int(port))) == 0


class Launcher:
    """`python -m emulators up` as a user starts it, with the functions of `stack_root`."""

    def __init__(self, name: str) -> None:
        self.folder = REPOSITORY / ".waybill" / name
        self.output = self.folder.parent / f"{name}.out"
        self.folder.mkdir(parents=True, exist_ok=True)
        up = ("up", "--free-ports", "--name", name, "--root", str(STACK_ROOT))
        command = (sys.executable, "-m", "emulators", *up)
        with self.output.open("w") as output:
            self.process = subprocess.Popen(command, cwd=REPOSITORY, stdout=output, stderr=output)  # noqa: S603

    def state(self) -> dict[str, Any]:
        """Return the state file; empty before there is one."""
        try:
            content: dict[str, Any] = json.loads((self.folder / "stack.json").read_text())
        except FileNotFoundError:
            return {}
        return content

    def pids(self) -> dict[str, int]:
        """Process ids by part, as the state file has them."""
        return {part: process["pid"] for part, process in self.state().get("processes", {}).items()}

    def until_ready(self) -> dict[str, Any]:
        """Wait for the whole stack and return its state."""
        eventually(lambda: self.process.poll() is not None or self.state().get("ready", False), "ready")
        assert self.process.poll() is None, self.output.read_text()
        return self.state()

    def __enter__(self) -> Launcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(LIMIT_SECONDS)
        self.output.unlink()


def unique(name: str) -> str:
    """Return a stack name that no other test run uses."""
    return f"test-{os.getpid()}-{name}"
