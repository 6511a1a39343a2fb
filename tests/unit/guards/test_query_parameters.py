"""No operation ignores a query parameter that it does not have: a misspelt filter would find everything."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request

from shared.edge.admission import API, UnknownParameters, check_query
from shared.edge.api_operations import query_of
from shared.manifest import load_all
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.guards.operations import Operation, operations
from tools.docs.openapi.document import ROOT

pytestmark = pytest.mark.mission("A1")


@pytest.fixture(params=sorted(name for name, one in load_all(ROOT).items() if one.http and "_api" in name))
def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """The app of each function that apps call."""
    found: Starlette = importlib.import_module(f"functions.{request.param}.main").app
    run_on(found, FakeRuntime(), monkeypatch)
    return found


async def test_every_operation_refuses_an_unknown_query_parameter_by_name(app: Starlette) -> None:
    asked = list(_asked(app))
    assert asked
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
        for method, path in asked:
            answer = await http.request(method, f"{path}?bogus=1", headers={"Authorization": "Bearer asha"})
            assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST"), (method, path)
            [error] = answer.json()["errors"]
            assert (error["pointer"], error["message"]) == ("/query/bogus", "Unknown parameter")


def test_no_operation_takes_one_of_two_values_of_a_parameter() -> None:
    asked = [one for one in operations() if query_of(one.route.dependant)]
    assert len(asked) > 15
    for one in asked:
        for name, several in query_of(one.route.dependant).items():
            query = QueryParams([(name, "a"), (name, "b")])
            request = Request({"type": "http", "query_string": str(query).encode(), "headers": []})
            if several:
                check_query(request, query_of(one.route.dependant))
                continue
            with pytest.raises(UnknownParameters) as refused:
                check_query(request, query_of(one.route.dependant))
            [error] = refused.value.errors
            assert (error.pointer, error.message) == (f"/query/{name}", "Given more than once"), str(one)


async def test_a_filter_of_orders_that_is_given_twice_is_refused_and_a_list_of_states_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: Starlette = importlib.import_module("functions.orders_api.main").app
    run_on(found, FakeRuntime(), monkeypatch)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(found), base_url="http://waybill") as http:
        twice = await http.get("/api/v1/orders?merchant_id=mer_1&merchant_id=mer_2")
        states = await http.get("/api/v1/orders?fulfilment=ready&fulfilment=placed")

    assert (twice.status_code, twice.json()["errors"][0]["pointer"]) == (422, "/query/merchant_id")
    assert states.status_code == 401


def test_the_parameters_that_are_documented_are_those_that_are_taken() -> None:
    for one in operations():
        documented = {part["name"] for part in one.published.get("parameters", ()) if part["in"] == "query"}
        assert documented == _taken(one), str(one)


def _taken(one: Operation) -> frozenset[str]:
    return frozenset(query_of(one.route.dependant))


def _asked(app: Starlette) -> Iterator[tuple[str, str]]:
    """Yield the method and a path of each operation of an app, those of a bare app included."""
    contexts = list(iter_route_contexts(app.routes)) if isinstance(app, FastAPI) else app.routes
    for route in contexts:
        path, methods = str(getattr(route, "path", "")), getattr(route, "methods", None)
        if path.startswith(API) and methods:
            yield sorted(set(methods) - {"HEAD"})[0], re.sub(r"{[^}]+}", "id_1", path)
