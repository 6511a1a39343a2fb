"""The launcher from outside: what runs, what restarts, and that no process is left."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.emulators.processes import Launcher, accepts, eventually, is_alive, unique
from tests.patience import HANG_SECONDS
from tests.stack import RunningStack

pytestmark = [pytest.mark.emulator, pytest.mark.mission("L3")]


@pytest.fixture
def launcher() -> Iterator[Launcher]:
    """A running launcher with its own functions."""
    with Launcher(unique("launcher")) as running:
        yield running
    shutil.rmtree(running.folder, ignore_errors=True)


def shown_by(url: str) -> dict[str, Any]:
    """Return the answer of the function of `stack_root`."""
    answer: dict[str, Any] = httpx.get(f"{url}/environment", timeout=HANG_SECONDS).raise_for_status().json()
    return answer


def test_the_session_stack_answers_on_every_address(stack: RunningStack) -> None:
    silent = [part for part, address in stack.addresses.items() if not accepts(address)]
    assert silent == []


def test_the_admin_can_sign_in_with_a_verified_email_and_is_an_admin(stack: RunningStack) -> None:
    auth, firestore = stack.env["FIREBASE_AUTH_EMULATOR_HOST"], stack.env["FIRESTORE_EMULATOR_HOST"]
    sign_in = httpx.post(
        f"http://{auth}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=local",
        json={"email": stack.admin.email, "password": stack.admin.password, "returnSecureToken": True},
        timeout=HANG_SECONDS,
    ).raise_for_status()
    user = httpx.get(
        f"http://{firestore}/v1/projects/demo-waybill/databases/(default)/documents/auth/{stack.admin.uid}",
        headers={"Authorization": "Bearer owner"},
        timeout=HANG_SECONDS,
    ).raise_for_status()
    assert sign_in.json()["localId"] == stack.admin.uid
    assert user.json()["fields"]["roles"]["arrayValue"]["values"] == [{"stringValue": "admin"}]


def test_a_killed_function_restarts_and_a_killed_launcher_leaves_no_process(launcher: Launcher) -> None:
    state = launcher.until_ready()
    api, events = state["functions"]["echo_api"], state["functions"]["echo_events"]
    first = shown_by(api)
    assert first["pid"] == launcher.pids()["echo_api"]
    assert first["env"]["PAYMENT_GATEWAY_KEYS"] == state["env"]["PAYMENT_GATEWAY_KEYS"]
    assert "PAYMENT_WEBHOOK_SECRETS" not in first["env"]
    assert "ADMIN_PASSWORD" not in first["env"]
    assert "PAYMENT_GATEWAY_KEYS" not in shown_by(events)["env"]

    os.kill(first["pid"], signal.SIGKILL)
    eventually(lambda: launcher.pids().get("echo_api", first["pid"]) != first["pid"], "a new process")
    eventually(lambda: accepts(state["addresses"]["echo_api"]), "the function answers again")
    assert shown_by(api)["pid"] == launcher.pids()["echo_api"]

    pids = launcher.pids().values()
    os.kill(launcher.process.pid, signal.SIGKILL)
    launcher.process.wait(HANG_SECONDS)
    eventually(lambda: not any(is_alive(pid) for pid in pids), "every process has ended")
    eventually(lambda: not any(accepts(a) for a in state["addresses"].values()), "every port is closed")


def test_two_stacks_run_side_by_side_and_sigterm_ends_one_alone(
    stack: RunningStack, launcher: Launcher
) -> None:
    state = launcher.until_ready()
    pids = launcher.pids().values()
    assert not set(state["addresses"].values()) & set(stack.addresses.values())

    launcher.process.send_signal(signal.SIGTERM)
    assert launcher.process.wait(HANG_SECONDS) == 0
    assert not any(is_alive(pid) for pid in pids)
    assert not any(accepts(address) for address in state["addresses"].values())
    assert not (launcher.folder / "stack.json").exists()
    assert all(accepts(address) for address in stack.addresses.values())


def test_ctrl_c_during_the_start_stops_what_has_started(launcher: Launcher) -> None:
    eventually(lambda: {"redis", "auth"} <= launcher.pids().keys(), "the first parts run")
    pids = launcher.pids().values()
    launcher.process.send_signal(signal.SIGINT)
    assert launcher.process.wait(HANG_SECONDS) == 0
    assert not any(is_alive(pid) for pid in pids)
