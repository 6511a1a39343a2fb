"""Malformed bodies, duplicate keys, and requests without a route."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.edge.app import api_router, create_app
from shared.edge.bare import create_bare_app
from shared.edge.entry import entry_point
from shared.edge.schemas import IdPath, RequestModel
from shared.edge.settings import Settings
from shared.kernel.actor import Principal
from tests.fakes.runtime import FakeRuntime

PROBLEM = "application/problem+json"


class Wish(RequestModel):
    name: str
    more: dict[str, Any] = Field(default_factory=dict)


class Tokens:
    async def verify(self, token: str) -> Principal:
        return Principal(token)


def _settings() -> Settings:
    return Settings(google_cloud_project="demo-waybill")


def _full() -> Any:
    router = api_router("/api")

    @router.post("/wishes", status_code=201)
    async def wish(body: Wish) -> dict[str, str]:
        return {"name": body.name}

    @router.post("/wishes/{wish_id}/grant")
    async def grant(wish_id: IdPath) -> dict[str, str]:
        return {"id": wish_id}

    return create_app("small_api", runtime=FakeRuntime(), routers=[router], settings=_settings)


def _bare() -> Any:
    async def wish(request: Request) -> Response:
        body = Wish.model_validate(await request.json())
        return JSONResponse({"name": body.name}, 201)

    routes = [Route("/api/wishes", wish, methods=["POST"])]
    return create_bare_app(
        "small_api", runtime=FakeRuntime(), routes=routes, settings=_settings, tokens=Tokens
    )


@pytest.fixture(params=[_full, _bare])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """A function as functions_framework serves it."""
    from functions_framework.aio import create_asgi_app_from_module

    handler = entry_point(request.param(), "small_api")

    class Module:
        small_api = staticmethod(handler)

    served: Any = create_asgi_app_from_module(  # type: ignore[no-untyped-call]
        "small_api", __file__, "http", Module, None
    )
    transport = httpx.ASGITransport(served)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
        yield http


async def _post(
    client: httpx.AsyncClient, body: str, content_type: str = "application/json", path: str = "/api/wishes"
) -> httpx.Response:
    headers = {"Content-Type": content_type} if content_type else {}
    return await client.post(path, content=body.encode(), headers=headers)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/merge-patch+json",
    ],
)
async def test_every_json_content_type_is_accepted(client: httpx.AsyncClient, content_type: str) -> None:
    assert (await _post(client, '{"name": "n"}', content_type)).status_code == 201


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "text/json",
        "application/jsonp",
        "application/a/b+json",
        "json",
        "application/",
        ";",
    ],
)
async def test_another_content_type_is_415_with_the_accepted_type(
    client: httpx.AsyncClient, content_type: str
) -> None:
    answer = await _post(client, '{"name": "n"}', content_type)

    assert (answer.status_code, answer.headers["content-type"]) == (415, PROBLEM)
    assert answer.json()["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert answer.headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "a", "name": "b"}',
        '{"name": "a", "name": "a"}',
        '{"name": "a", "na\\u006de": "b"}',
        '{"name": "a", "more": {"x": 1, "x": 2}}',
        '{"name": "a", "more": {"list": [{"x": 1, "x": 2}]}}',
    ],
)
async def test_a_duplicate_key_is_400(client: httpx.AsyncClient, body: str) -> None:
    answer = await _post(client, body)

    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    assert (answer.json()["code"], answer.json()["detail"]) == ("MALFORMED", "The body names a key twice.")


@pytest.mark.parametrize(
    "body", ['{"name": ', "\ufeff{}", "[" * 5_000, '{"name": ' + "9" * 5_000 + "}", "{}{}"]
)
async def test_invalid_json_is_400(client: httpx.AsyncClient, body: str) -> None:
    answer = await _post(client, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED")


async def test_bytes_that_are_not_utf_8_are_400(client: httpx.AsyncClient) -> None:
    for body in ('{"name": "é"}'.encode("latin-1"), '{"name": "n"}'.encode("utf-16")):
        answer = await client.post("/api/wishes", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED")


@pytest.mark.parametrize(
    "path", ["/api/wishes%0a", "/%0a", "/api/%0a/wishes", "/robots.txt", "/favicon.ico", "/%00"]
)
async def test_an_unknown_path_is_a_problem(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT", "GET", "QUERY"])
async def test_a_method_that_a_route_does_not_have_is_a_problem(
    client: httpx.AsyncClient, method: str
) -> None:
    answer = await client.request(method, "/api/wishes")

    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
    assert (answer.json()["code"], answer.headers["Allow"]) == ("METHOD_NOT_ALLOWED", "POST")


async def test_a_route_without_a_body_refuses_a_body_that_is_not_json() -> None:
    transport = httpx.ASGITransport(_full())
    path = "/api/wishes/wish_1/grant"
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
        assert (await http.post(path)).status_code == 200
        assert (await _post(http, "", "text/plain", path)).status_code == 200
        assert (await _post(http, "{}", path=path)).status_code == 200
        assert (await _post(http, "x", "text/plain", path)).status_code == 415
        assert (await _post(http, '{"a": 1, "a": 2}', path=path)).status_code == 400


@pytest.mark.parametrize("path", ["/api/wishes/wish_1%0a/grant", "/api/wishes/wish_1/grant%0a"])
async def test_a_line_break_leads_to_no_route(path: str) -> None:
    transport = httpx.ASGITransport(_full())
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
        answer = await http.post(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
