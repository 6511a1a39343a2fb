"""The parts of the launcher, with small processes instead of emulators."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from emulators.stack import PartFailedError, StackError, State, environment, functions, state
from emulators.stack import layout as layout_module
from emulators.stack.layout import PARTS, REPOSITORY, Layout, Options
from emulators.stack.ports import HOST, PortLease, standard_ports
from emulators.stack.process import Command, Guard, Process
from emulators.stack.service import FAILED_STARTS, Service
from shared import manifest
from tests.emulators.processes import STACK_ROOT, eventually, is_alive
from tests.patience import HANG_SECONDS

FOREVER = "import signal; signal.pause()"


def python(code: str, folder: Path) -> Command:
    """Return a part that runs a line of Python."""
    argv = (sys.executable, "-I", "-S", "-c", code)
    return Command("sample", argv, environment.inherited(), folder, "Repair the sample.")


@pytest.fixture
async def guard() -> AsyncIterator[Guard]:
    with contextlib.closing(Guard()) as watching:
        yield watching


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


def service(process: Process, seen: list[State], *, restarts: bool, ready: bool) -> Service:
    """Return a service that is ready at once, or never."""
    return Service(
        process,
        yes if ready else no,
        limit_seconds=60,
        restarts=restarts,
        on_change=lambda _, state: seen.append(state),
    )


async def test_a_part_that_ends_before_it_is_ready_is_named_with_its_log_and_remedy(
    guard: Guard, tmp_path: Path
) -> None:
    process = Process(python("import sys; sys.exit('no disk')", tmp_path), tmp_path / "sample.log", guard)
    with pytest.raises(PartFailedError) as caught:
        await service(process, [], restarts=False, ready=False).run()
    assert str(caught.value) == "sample ended with status 1 before it was ready.\nno disk\nRepair the sample."


async def test_a_restarting_part_that_never_gets_ready_fails_after_five_starts(
    guard: Guard, tmp_path: Path
) -> None:
    seen: list[State] = []
    process = Process(python("import sys; sys.exit('bad import')", tmp_path), tmp_path / "sample.log", guard)
    with pytest.raises(PartFailedError, match="failed to start 5 times within 30 s"):
        await service(process, seen, restarts=True, ready=False).run()
    assert seen.count(State.STARTING) == FAILED_STARTS
    assert (tmp_path / "sample.log").read_text().count("bad import") == FAILED_STARTS


async def test_a_ready_part_that_may_not_restart_fails_when_it_ends(guard: Guard, tmp_path: Path) -> None:
    process = Process(python(FOREVER, tmp_path), tmp_path / "sample.log", guard)
    serving = service(process, [], restarts=False, ready=True)
    running = asyncio.create_task(serving.run())
    await serving.ready.wait()
    assert process.pid is not None
    os.kill(process.pid, 9)
    with pytest.raises(PartFailedError, match="was killed by SIGKILL although the stack still runs"):
        await running


async def test_stopping_a_part_ends_its_grandchildren_even_those_that_ignore_sigterm(
    guard: Guard, tmp_path: Path
) -> None:
    stubborn = "import signal; signal.signal(15, signal.SIG_IGN); print('set', flush=True); signal.pause()"
    code = (
        "import subprocess, sys, pathlib, signal;"
        f"child = subprocess.Popen([sys.executable, '-c', {stubborn!r}], stdout=subprocess.PIPE);"
        "child.stdout.readline(); pathlib.Path('child').write_text(str(child.pid)); signal.pause()"
    )
    process = Process(python(code, tmp_path), tmp_path / "sample.log", guard)
    await process.start()
    grandchild = await asyncio.to_thread(_number_in, tmp_path / "child")
    await process.stop()
    await asyncio.to_thread(eventually, lambda: not is_alive(grandchild), "the grandchild has ended")


def _number_in(file: Path) -> int:
    eventually(lambda: file.exists() and file.read_text() != "", f"{file} exists")
    return int(file.read_text())


def test_grandchildren_end_when_the_launcher_is_killed(tmp_path: Path) -> None:
    part = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {FOREVER!r}, 'grandchild'])"
    launcher = (
        "import asyncio, pathlib, sys\n"
        "from emulators.stack.process import Command, Guard, Process\n"
        "async def main():\n"
        f"    command = Command('part', (sys.executable, '-c', {part!r}), {{}}, pathlib.Path('.'), '')\n"
        f"    process = Process(command, pathlib.Path({str(tmp_path / 'log')!r}), Guard())\n"
        "    await process.start()\n"
        "    print(process.pid, flush=True)\n"
        "    await process.wait()\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen((sys.executable, "-c", launcher), stdout=subprocess.PIPE, text=True) as running:  # noqa: S603
        assert running.stdout is not None
        group = int(running.stdout.readline())
        eventually(lambda: len(_members(group)) == 2, "part and grandchild run")
        running.kill()
    eventually(lambda: not _members(group), "nothing of the group runs")


def _members(group: int) -> list[int]:
    return [pid for pid in psutil.pids() if _group_of(pid) == group and is_alive(pid)]


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def test_leased_ports_are_distinct_across_stacks_and_can_be_listened_on() -> None:
    names = [f"part{number}" for number in range(40)]
    with PortLease(names) as one, PortLease(names) as other:
        assert len({*one.ports.values(), *other.ports.values()}) == 80
        code = f"import socket; socket.create_server(('127.0.0.1', {one.ports['part0']}))"
        subprocess.run((sys.executable, "-I", "-c", code), check=True)  # noqa: S603


@pytest.fixture
def quiet_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the lock on documented ports apart from that of a stack which runs beside the tests."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_documented_ports_are_those_of_every_firebase_sample() -> None:
    assert standard_ports(REPOSITORY / "firebase.json") == {
        "auth": 9099,
        "firestore": 8080,
        "callables": 5001,
        "hosting": 5000,
        "pubsub": 8085,
        "storage": 9199,
        "gateway": 8787,
    }


@pytest.mark.usefixtures("quiet_machine")
def test_a_wanted_port_is_granted_while_it_is_free_and_another_one_else() -> None:
    with PortLease(["a", "b"]) as lease:
        free, taken = lease.ports["a"], lease.ports["b"]
    with socket.create_server((HOST, taken)), PortLease(["a", "b", "c"], {"a": free, "b": taken}) as lease:
        assert lease.ports["a"] == free
        assert lease.ports["b"] != taken
        with socket.create_server((HOST, free)):
            pass


@pytest.mark.usefixtures("quiet_machine")
def test_documented_ports_belong_to_one_stack_at_a_time() -> None:
    with PortLease(["a"]) as lease:
        wanted = dict(lease.ports)
    with PortLease(["a"], wanted) as first:
        assert first.ports == wanted
        with PortLease(["a"], wanted) as second:
            assert second.ports != wanted
    with PortLease(["a"], wanted) as third:
        assert third.ports == wanted


def test_a_second_stack_of_the_same_name_is_refused(tmp_path: Path) -> None:
    first, second = state.owned(tmp_path), state.owned(tmp_path)
    with first, pytest.raises(StackError, match="is running already"):
        second.__enter__()


def test_the_next_stack_ends_processes_of_a_dead_launcher_but_none_that_reuses_an_id(
    tmp_path: Path,
) -> None:
    command = (sys.executable, "-I", "-S", "-c", FOREVER)
    with (
        subprocess.Popen(command, start_new_session=True) as left,  # noqa: S603
        subprocess.Popen(command, start_new_session=True) as stranger,  # noqa: S603
    ):
        processes = {
            "left": {"pid": left.pid, "started": state.birth(left.pid)},
            "stranger": {"pid": stranger.pid, "started": 1.0},
        }
        (tmp_path / "stack.json").write_text(json.dumps({"processes": processes}))
        with state.owned(tmp_path):
            assert left.wait(HANG_SECONDS) == -9
            assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize(
    ("isolated", "alone", "processes"),
    [
        (True, set(), {"echo_api": ["echo_api"], "echo_events": ["echo_events"]}),
        (False, set(), {"functions": ["echo_api", "echo_events"]}),
        (False, {"echo_api"}, {"functions": ["echo_events"], "echo_api": ["echo_api"]}),
    ],
)
def test_isolated_functions_have_a_process_each_and_the_others_share_one(
    isolated: bool,
    alone: set[str],
    processes: dict[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(layout_module, "REPOSITORY", tmp_path)
    options = Options(root=STACK_ROOT, isolated=isolated, alone=frozenset(alone))
    options.folder.mkdir(parents=True)
    manifests = manifest.load_all(STACK_ROOT)
    wanted = {"echo_api", "echo_events"}
    with PortLease((*PARTS, *manifests)) as lease:
        chosen = {name: manifests[name] for name in sorted(wanted)}
        layout = Layout(options, chosen, lease.ports, environment.new_secrets())
        commands = functions.commands(layout)

    assert {command.part: functions.serving(layout, command.part) for command in commands} == processes
    for command in commands:
        names = [name for flag, name in pairwise(command.argv) if flag == "--function"]
        assert names == processes[command.part]


def test_a_function_gets_its_own_secrets_alone_and_an_unknown_one_is_an_error() -> None:
    manifests = manifest.load_all(STACK_ROOT)
    options = Options(root=STACK_ROOT)
    with PortLease((*PARTS, *manifests)) as lease:
        layout = Layout(
            options, manifests, lease.ports, {"PAYMENT_GATEWAY_KEYS": "k", "PAYMENT_WEBHOOK_SECRETS": "w"}
        )
        assert environment.for_functions(layout, ["echo_api"])["PAYMENT_GATEWAY_KEYS"] == "k"
        assert "PAYMENT_GATEWAY_KEYS" not in environment.for_functions(layout, ["echo_events"])
        assert "PAYMENT_WEBHOOK_SECRETS" not in environment.for_functions(layout, manifests)
        poor = Layout(options, manifests, lease.ports, {})
        with pytest.raises(StackError, match="echo_api declares the secret PAYMENT_GATEWAY_KEYS"):
            environment.for_functions(poor, ["echo_api"])
