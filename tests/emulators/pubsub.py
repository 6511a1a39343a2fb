"""Google's Pub/Sub emulator for tests that need it alone, without the rest of the stack."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc

from emulators.stack import locate
from emulators.stack.java import find_java
from emulators.stack.ports import HOST, PortLease
from emulators.stack.process import BARE_PYTHON, HERE

START_SECONDS = 30
STOP_SECONDS = 5


@contextmanager
def running_pubsub(log: Path) -> Iterator[str]:
    """Run the emulator on a free port and give its host:port; what it prints goes to `log`.

    Raises `MissingPartError` when the machine has none, `grpc.FutureTimeoutError` when it does not
    come up.
    """
    with PortLease(["pubsub"]) as lease, log.open("wb") as output:
        address = f"{HOST}:{lease.ports['pubsub']}"
        leash = (*BARE_PYTHON, str(HERE / "leash.py"), str(os.getpid()))
        process = subprocess.Popen(  # noqa: S603  the program is Google's emulator
            (*leash, str(locate.pubsub_program()), f"--host={HOST}", f"--port={lease.ports['pubsub']}"),
            env={**os.environ, "JAVA_HOME": str(find_java().parent.parent)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            with grpc.insecure_channel(address) as channel:
                grpc.channel_ready_future(channel).result(timeout=START_SECONDS)
            yield address
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and the Java that its shell script started."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
