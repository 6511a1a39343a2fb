"""The locations of third-party programs, and the bundled ones."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from emulators.stack import MissingPartError, commands, environment, locate
from emulators.stack.java import bundled_java, version_of
from emulators.stack.layout import PARTS, Layout, Options
from emulators.stack.ports import PortLease
from emulators.stack.process import Command, Guard, Process
from emulators.stack.readiness import Probe, answers, answers_ping, until_ready


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with nothing on PATH and nothing cached; returns its folder for cached emulators."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("FIREBASE_EMULATORS_PATH", str(cache))
    for variable in ("FIRESTORE_EMULATOR_BINARY_PATH", "PUBSUB_EMULATOR_BINARY_PATH"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(locate, "sdk_roots", lambda: ())
    return cache


def touch(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return file


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize(
    ("find", "remedy"),
    [(locate.firestore_jar, "setup:emulators:firestore"), (locate.pubsub_program, "setup:emulators:pubsub")],
)
def test_a_missing_emulator_is_named_with_a_remedy(find: Callable[[], Path], remedy: str) -> None:
    with pytest.raises(MissingPartError, match=remedy):
        find()


def test_the_variable_wins_over_the_sdk_and_the_sdk_over_the_firebase_cache(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cached = touch(bare_machine / "cloud-firestore-emulator-v1.19.8.jar")
    assert locate.firestore_jar() == cached
    in_sdk = touch(tmp_path / "sdk" / locate.FIRESTORE_IN_SDK)
    monkeypatch.setattr(locate, "sdk_roots", lambda: (tmp_path / "sdk",))
    assert locate.firestore_jar() == in_sdk
    named = touch(tmp_path / "mine.jar")
    monkeypatch.setenv("FIRESTORE_EMULATOR_BINARY_PATH", str(named))
    assert locate.firestore_jar() == named


def test_an_sdk_next_to_its_gcloud_needs_no_slow_look_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gcloud = touch(tmp_path / "sdk" / "bin" / "gcloud")
    gcloud.write_text("#!/bin/sh\necho asked >> $0.log\n")
    gcloud.chmod(0o755)
    monkeypatch.setenv("PATH", str(gcloud.parent))
    monkeypatch.delenv("FIRESTORE_EMULATOR_BINARY_PATH", raising=False)
    jar = touch(tmp_path / "sdk" / locate.FIRESTORE_IN_SDK)

    assert locate.firestore_jar() == jar
    assert not gcloud.with_name("gcloud.log").exists()


def test_a_variable_without_a_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_BINARY_PATH", "/nowhere")
    with pytest.raises(MissingPartError, match="PUBSUB_EMULATOR_BINARY_PATH is /nowhere"):
        locate.pubsub_program()


def test_a_java_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert version_of(tmp_path / "java") == 0


@pytest.mark.emulator
@pytest.mark.parametrize("part", ["firestore", "pubsub"])
async def test_the_bundled_java_runs_googles_emulators(
    part: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    java = bundled_java()
    assert java is not None
    monkeypatch.setattr(commands, "find_java", lambda: java)
    with lease_for() as layout:
        command = commands.firestore(layout) if part == "firestore" else commands.pubsub(layout)
        async with httpx.AsyncClient(timeout=5) as client:
            await starts(command, answers(client, layout.url(part)), tmp_path)


@pytest.mark.emulator
async def test_the_bundled_redis_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    redis = locate.bundled_redis()
    assert redis is not None
    monkeypatch.setattr(locate, "redis_server", lambda: redis)
    with lease_for() as layout:
        await starts(commands.redis(layout), answers_ping(layout.ports["redis"]), tmp_path)


@contextlib.contextmanager
def lease_for() -> Iterator[Layout]:
    """Return the layout of a stack that has no functions."""
    with PortLease(PARTS) as lease:
        yield Layout(Options(), {}, lease.ports, environment.new_secrets())


async def starts(command: Command, probe: Probe, folder: Path) -> None:
    """Start the part in the folder, wait until it is ready, and stop it."""
    command = dataclasses.replace(command, cwd=folder)
    with contextlib.closing(Guard()) as guard:
        process = Process(command, folder / "part.log", guard)
        await process.start()
        try:
            await until_ready(process, probe, 60)
        finally:
            await process.stop()
