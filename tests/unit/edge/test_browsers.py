"""What a browser needs to be told: which origins may read an answer, and how to treat what it shows."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.edge.app import api_router, create_app
from shared.edge.bare import create_bare_app
from shared.edge.cors import EXPOSED_HEADERS, REQUEST_HEADERS
from shared.edge.entry import entry_point
from shared.edge.security_headers import SECURITY_HEADERS
from shared.edge.settings import Settings
from shared.kernel.actor import Principal
from shared.kernel.errors import TooMany
from shared.manifest import load_all
from tests.fakes.runtime import FakeRuntime, run_on

pytestmark = pytest.mark.mission("L5")

ROOT = Path(__file__).parents[3]
APP, OTHER = "https://app.example.com", "https://evil.example.com"
PUBLIC = sorted(name for name, manifest in load_all(ROOT).items() if manifest.http)


class Tokens:
    async def verify(self, token: str) -> Principal:
        return Principal(token)


def _settings(origins: str = f"{APP}, https://desk.example.com") -> Settings:
    return Settings(google_cloud_project="demo-waybill", cors_origins=origins)


def _full(origins: str) -> Starlette:
    router = api_router()

    @router.get("/private")
    async def private() -> dict[str, str]:
        return {}

    @router.get("/public")
    async def public(response: Response) -> dict[str, str]:
        response.headers["Cache-Control"] = "public, max-age=60"
        return {}

    @router.get("/busy")
    async def busy() -> None:
        raise TooMany

    @router.get("/broken")
    async def broken() -> None:
        raise KeyError("bug")

    return create_app(
        "small_api",
        runtime=FakeRuntime(),
        routers=[router],
        settings=lambda: _settings(origins),
        tokens=Tokens,
    )


def _bare(origins: str) -> Starlette:
    async def private(_: Request) -> Response:
        return JSONResponse({})

    async def public(_: Request) -> Response:
        return JSONResponse({}, headers={"Cache-Control": "public, max-age=60"})

    async def busy(_: Request) -> Response:
        raise TooMany

    async def broken(_: Request) -> Response:
        raise KeyError("bug")

    routes = [Route(f"/{one.__name__}", one) for one in (private, public, busy, broken)]
    return create_bare_app(
        "small", runtime=FakeRuntime(), routes=routes, settings=lambda: _settings(origins), tokens=Tokens
    )


@pytest.fixture(params=[_full, _bare])
def make(request: pytest.FixtureRequest) -> Any:
    return request.param


async def _call(app: Starlette, method: str, path: str, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
        return await http.request(method, path, headers=names)


def _preflight(app: Starlette, path: str, origin: str) -> Any:
    return _call(app, "OPTIONS", path, origin=origin, access_control_request_method="POST")


def _allowed(answer: httpx.Response) -> str | None:
    allowed: str | None = answer.headers.get("Access-Control-Allow-Origin")
    return allowed


class TestOrigins:
    @pytest.mark.parametrize("path", ["/private", "/busy", "/broken", "/nowhere", "/%0a"])
    async def test_a_page_of_a_listed_origin_reads_every_answer_also_why_it_was_refused(
        self, make: Any, path: str
    ) -> None:
        answer = await _call(make(APP), "GET", path, origin=APP)

        assert _allowed(answer) == APP
        assert answer.headers["Access-Control-Expose-Headers"].split(", ") == list(EXPOSED_HEADERS)
        assert answer.headers["Vary"] == "Origin"

    @pytest.mark.parametrize("origin", [OTHER, f"{APP}.evil.example.com", "null", f"{APP}:8443", APP.upper()])
    async def test_a_page_of_another_origin_reads_nothing(self, make: Any, origin: str) -> None:
        answer = await _call(make(APP), "GET", "/private", origin=origin)

        assert (answer.status_code, _allowed(answer)) == (200, None)
        refused = await _preflight(make(APP), "/private", origin)
        assert (refused.status_code, refused.json()["code"]) == (403, "ORIGIN_NOT_ALLOWED")
        assert _allowed(refused) is None

    async def test_no_answer_ever_allows_credentials(self, make: Any) -> None:
        for origins in (APP, "*"):
            for answer in (
                await _call(make(origins), "GET", "/private", origin=APP),
                await _preflight(make(origins), "/private", APP),
            ):
                assert "Access-Control-Allow-Credentials" not in answer.headers

    async def test_a_preflight_of_a_listed_origin_names_what_a_page_may_send(self, make: Any) -> None:
        for path in ("/private", "/nowhere"):
            answer = await _preflight(make(APP), path, APP)

            assert (answer.status_code, answer.content, _allowed(answer)) == (204, b"", APP)
            assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) >= {"PUT", "DELETE"}
            sent = answer.headers["Access-Control-Allow-Headers"].split(", ")
            assert sent == list(REQUEST_HEADERS)
            assert {"Authorization", "Content-Type", "Idempotency-Key", "If-Match"} <= {*sent}

    async def test_an_answer_without_an_origin_is_not_cached_for_pages_with_one(self, make: Any) -> None:
        answer = await _call(make(APP), "GET", "/public")

        assert (_allowed(answer), answer.headers["Vary"]) == (None, "Origin")

    async def test_options_without_an_origin_is_no_preflight(self, make: Any) -> None:
        assert (await _call(make(APP), "OPTIONS", "/private")).json()["code"] == "METHOD_NOT_ALLOWED"

    async def test_a_local_stack_lets_any_origin_in(self, make: Any) -> None:
        assert _allowed(await _call(make("*"), "GET", "/private", origin="null")) == "*"
        assert (await _preflight(make("*"), "/private", OTHER)).status_code == 204

    async def test_without_a_list_no_page_gets_in(self, make: Any) -> None:
        assert _allowed(await _call(make(""), "GET", "/private", origin=APP)) is None


class TestSettings:
    @pytest.mark.parametrize("text", ["app.example.com", "https://app.example.com/", "https://*.example.com"])
    def test_what_is_no_origin_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not an origin"):
            _settings(text)

    @pytest.mark.parametrize("text", ["*", f"{APP} *", "http://app.example.com"])
    def test_production_does_not_start_with_an_open_list(
        self, monkeypatch: pytest.MonkeyPatch, text: str
    ) -> None:
        assert _settings(text).origins
        monkeypatch.setenv("K_SERVICE", "orders-api")
        monkeypatch.setenv("CORS_ORIGINS", text)

        with pytest.raises(ValueError, match="not allowed in production"):
            entry_point(_full(APP), "small_api")
        with pytest.raises(ValueError, match="not allowed in production"):
            _settings(text)

    @pytest.mark.parametrize("text", [APP, f"{APP},https://x.example:8443  capacitor://localhost", ""])
    def test_the_environment_lists_origins(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        monkeypatch.setenv("K_SERVICE", "orders-api")
        monkeypatch.setenv("CORS_ORIGINS", text)
        entry_point(_full(APP), "small_api")

        assert Settings(google_cloud_project="p").origins == tuple(text.replace(",", " ").split())


class TestSecurityHeaders:
    @pytest.mark.parametrize("path", ["/private", "/busy", "/broken", "/nowhere", "/%0a"])
    async def test_every_answer_is_private_data_that_no_page_frames_and_nothing_runs_in(
        self, make: Any, path: str
    ) -> None:
        answer = await _call(make(APP), "GET", path)

        assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert answer.headers["Cache-Control"] == "no-store"

    async def test_fault_09_a_public_answer_keeps_its_cache_control(self, make: Any) -> None:
        answer = await _call(make(APP), "GET", "/public")

        assert answer.headers.get_list("Cache-Control") == ["public, max-age=60"]


@pytest.mark.parametrize("function", PUBLIC)
async def test_fault_09_every_public_function_keeps_caches_out_and_lets_listed_pages_in(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = importlib.import_module(f"functions.{function}.main").app
    run_on(app, FakeRuntime(settings={"cors_origins": APP}), monkeypatch)
    http = load_all(ROOT)[function].http
    assert http
    for path in http.paths:
        answer = await _call(app, "POST", path, origin=APP)
        assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, path
        assert _allowed(answer) == APP
