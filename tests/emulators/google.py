"""Google's emulators for tests that need one of them alone, without the rest of the stack."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from emulators.stack import locate
from emulators.stack.commands import JVM_OPTIONS
from emulators.stack.java import find_java
from emulators.stack.ports import HOST, PortLease
from emulators.stack.process import BARE_PYTHON, HERE
from tests.patience import HANG_SECONDS

FIRESTORE = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
START_SECONDS = HANG_SECONDS
STOP_SECONDS = 5


@pytest.fixture(scope="session")
def pubsub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Pub/Sub emulator that the whole session shares; tests use names of their own."""
    env = {"JAVA_HOME": str(find_java().parent.parent), "JAVA_OPTS": " ".join(JVM_OPTIONS)}
    log = tmp_path_factory.mktemp("pubsub") / "log"
    with PortLease(["pubsub"]) as lease:
        port = lease.ports["pubsub"]
        argv = (str(locate.pubsub_program()), f"--host={HOST}", f"--port={port}")
        with running(argv, env, port, log) as address:
            yield address


@pytest.fixture(scope="session")
def firestore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Firestore emulator without rules that the whole session shares; tests use projects of
    their own."""
    program = (str(find_java()), *JVM_OPTIONS, "-cp", str(locate.firestore_jar()), FIRESTORE)
    log = tmp_path_factory.mktemp("firestore") / "log"
    with PortLease(["firestore"]) as lease:
        port = lease.ports["firestore"]
        with running((*program, "--host", HOST, "--port", str(port)), {}, port, log) as address:
            yield address


@contextmanager
def running(argv: Sequence[str], env: Mapping[str, str], port: int, log: Path) -> Iterator[str]:
    """Run an emulator and give its host:port once it answers; its output goes to `log`.

    Raises `grpc.FutureTimeoutError` when it does not come up.
    """
    parent_watch = (*BARE_PYTHON, str(HERE / "parent_watch.py"), str(os.getpid()))
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  the program is Google's emulator
            (*parent_watch, *argv),
            env={**os.environ, **env},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            with grpc.insecure_channel(f"{HOST}:{port}") as channel:
                grpc.channel_ready_future(channel).result(timeout=START_SECONDS)
            yield f"{HOST}:{port}"
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
