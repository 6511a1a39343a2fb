"""Starts and ends the processes that a benchmark measures."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from emulators.stack.locate import redis_server
from emulators.stack.ports import PortLease
from emulators.stack.process import BARE_PYTHON
from emulators.stack.process import HERE as STACK
from tests.bench.errors import NotMeasured
from tests.bench.signer import PROJECT

ROOT = Path(__file__).parents[2]
GRACE_S = 5
BACKLOG = 256
TAIL_LINES = 10


class Server:
    """A running target."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self._process = psutil.Process(pid)

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def serving(target: str, log: Path, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run one of `targets/` in a worker process of its own; what it logs goes to a file."""
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        port, descriptor = listener.getsockname()[1], listener.fileno()
        command = [sys.executable, "-m", "tests.bench.serve", target, str(descriptor)]
        limits = {"RATE_LIMIT_SCALE": "1000000"}  # counted, and never reached
        env = {**_plain(), "GOOGLE_CLOUD_PROJECT": PROJECT, **limits, **(environment or {})}
        with log.open("w") as output, _running(command, env, output.fileno(), [descriptor]) as process:
            listener.close()  # the process alone holds it now: if it ends, nobody waits in vain
            try:
                yield Server(port, process.pid)
            except NotMeasured as error:
                raise NotMeasured(f"{error}\n{target} logged last:\n{_tail(log)}") from error


@contextmanager
def own_redis(folder: Path) -> Iterator[str]:
    """Run an empty Redis; yields its URL."""
    with PortLease(["redis"]) as lease:
        port = lease.ports["redis"]
        command = [str(redis_server()), "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
        with _running([*command, "--dir", str(folder)], _plain(), subprocess.PIPE) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if b"ready to accept connections" in line.lower():
                    break
            else:
                raise NotMeasured("Redis ended before it was ready")
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _running(
    command: Sequence[str], env: Mapping[str, str], output: int, descriptors: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command that ends with the context, or with this process if that is killed."""
    parent_watch = (*BARE_PYTHON, str(STACK / "parent_watch.py"), str(os.getpid()))
    process = subprocess.Popen(  # noqa: S603 - our own programs
        [*parent_watch, *command],
        env=env,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=descriptors,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


def _plain() -> dict[str, str]:
    """The environment without what could point a function at a running stack."""
    return {name: value for name, value in os.environ.items() if not name.endswith("_EMULATOR_HOST")}
