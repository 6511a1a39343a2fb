"""Health: up without asking anybody, ready when those answer that are needed, and never a hammer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from importlib import import_module

import httpx
import pytest

from infra.pack import ROOT
from shared.composition.ports import Ports
from shared.edge import health
from shared.edge.app import api_router, create_app
from shared.edge.health import CACHE_S, Dependency, Readiness
from shared.edge.settings import Settings
from shared.kernel.errors import Unavailable
from shared.manifest import load_all
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.mission("J5")


class Peer:
    """Something that a function depends on."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.asked = 0

    async def ask(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.fault:
            raise self.fault


class Silent(Peer):
    """It takes every question and never answers."""

    async def ask(self) -> None:
        self.asked += 1
        await asyncio.Event().wait()


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _readiness(peers: Mapping[str, Peer], clock: Clock | None = None) -> Readiness:
    """Return the readiness of a function that can do without `extra`."""
    table = {name: Dependency(peer.ask, needed=name != "extra") for name, peer in peers.items()}
    return Readiness(lambda: table, clock or Clock())


async def _get(path: str, peers: Mapping[str, Peer], *, private: bool = False) -> httpx.Response:
    table = {name: Dependency(peer.ask, needed=name != "extra") for name, peer in peers.items()}
    app = create_app(
        "small_api",
        runtime=FakeRuntime(),
        routers=[api_router()],
        settings=lambda: Settings(google_cloud_project="demo-waybill"),
        dependencies=lambda: table,
        private=private,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://waybill") as http:
        return await http.get(path)


@pytest.mark.parametrize("private", [False, True])
async def test_a_function_is_up_whoever_is_down_and_asks_nobody(private: bool) -> None:
    peer = Peer(Unavailable())
    answer = await _get("/health", {"redis": peer}, private=private)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert peer.asked == 0


@pytest.mark.parametrize("private", [False, True])
async def test_it_is_ready_when_everybody_answers(private: bool) -> None:
    answer = await _get("/health/ready", {"firestore": Peer(), "redis": Peer()}, private=private)

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.headers["Cache-Control"] == "no-store"
    assert {name: one["state"] for name, one in answer.json()["dependencies"].items()} == {
        "firestore": "ok",
        "redis": "ok",
    }


async def test_it_is_not_ready_when_one_that_is_needed_fails_and_the_table_says_which() -> None:
    answer = await _get(
        "/health/ready", {"firestore": Peer(Unavailable("the password is canary")), "redis": Peer()}
    )

    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    states = {name: one["state"] for name, one in answer.json()["dependencies"].items()}
    assert states == {"firestore": "failed", "redis": "ok"}
    assert "canary" not in answer.text


async def test_it_is_degraded_and_serves_on_when_one_fails_that_it_can_do_without() -> None:
    answer = await _get("/health/ready", {"firestore": Peer(), "extra": Peer(OSError())})
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


async def test_one_that_never_answers_has_failed_and_keeps_the_others_from_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "TIMEOUT_S", 0.01)
    report = await _readiness({"firestore": Silent(), "redis": Peer()}).report()

    assert (report.dependencies["firestore"].state, report.dependencies["redis"].state) == ("failed", "ok")


async def test_all_are_asked_at_once() -> None:
    met = asyncio.Barrier(3)

    class Meeting(Peer):
        async def ask(self) -> None:
            await met.wait()

    report = await _readiness({name: Meeting() for name in ("firestore", "redis", "pubsub")}).report()
    assert report.status == "ready"


async def test_a_hundred_who_ask_at_once_are_one_question() -> None:
    peer = Peer()
    readiness = _readiness({"redis": peer})
    reports = await asyncio.gather(*(readiness.report() for _ in range(100)))

    assert peer.asked == 1
    assert len({id(report) for report in reports}) == 1


async def test_an_answer_holds_for_a_moment_and_no_longer() -> None:
    peer, clock = Peer(), Clock()
    readiness = _readiness({"redis": peer}, clock)
    assert (await readiness.report()).status == "ready"

    peer.fault = Unavailable()
    clock.now += CACHE_S / 2
    assert (await readiness.report()).status == "ready"
    clock.now += CACHE_S / 2
    assert (await readiness.report()).status == "failed"
    assert peer.asked == 2


async def test_the_log_says_what_failed_and_not_what_the_error_says(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    await _readiness({"redis": Peer(Unavailable("canary"))}).report()

    [record] = caplog.records
    assert (record.message, vars(record)["dependency"], vars(record)["error"]) == (
        "dependency_failed",
        "redis",
        "Unavailable",
    )
    assert "canary" not in str(vars(record))


@pytest.mark.parametrize("name", sorted(load_all(ROOT)))
def test_every_function_names_what_it_depends_on_and_a_public_one_has_a_gate(name: str) -> None:
    main = import_module(f"functions.{name}.main")
    paths = [getattr(route, "path", "") for route in main.app.routes]

    assert {"/health", "/health/ready"} <= set(paths)
    assert main.app.state.ports is None or isinstance(main.app.state.ports, Ports)
    if name.endswith("_api"):
        assert callable(main.app.state.rate_limiter)
