"""Every public operation as a callable: found by its name, each value in one place, guarded as ever."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
from fastapi import FastAPI

from emulators.callables import functions_by_operation
from emulators.routes import Routes
from emulators.stack.layout import REPOSITORY
from shared.edge.api_operations import operations_of
from shared.edge.operations import HEADERS, Operation, bare_operations
from shared.manifest import load_all
from tests.fakes.accounts import Caller, FakeTokens
from tests.fakes.runtime import FakeRuntime, run_on
from tools.docs.openapi.document import document

pytestmark = pytest.mark.mission("L5")

NOT_CARRIED = {"if-none-match"}
"""Header fields without a value in the data: a callable has no answer without content."""

DOCUMENT = document()
DOCUMENTED: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if path.startswith("/api/")
}
MANIFESTS = load_all(REPOSITORY)
PUBLIC = sorted({operation["x-function"] for _, _, operation in DOCUMENTED.values()})


def _app(function: str) -> Any:
    return importlib.import_module(f"functions.{function}.main").app


def _operations(function: str) -> dict[str, Operation]:
    app = _app(function)
    if isinstance(app, FastAPI):
        return dict(operations_of(app.routes))
    return dict(bare_operations(importlib.import_module(f"functions.{function}.routes").routes))


OPERATIONS = {name: one for function in PUBLIC for name, one in _operations(function).items()}


def test_the_callables_are_the_documented_operations() -> None:
    assert {name: (one.method, one.path) for name, one in OPERATIONS.items()} == {
        name: (method, path) for name, (method, path, _) in DOCUMENTED.items()
    }


def test_the_gateway_finds_the_function_of_each_and_no_private_one() -> None:
    routes = Routes(MANIFESTS, {}, functions_by_operation(REPOSITORY))
    for name, (_, _, operation) in DOCUMENTED.items():
        target = routes.find(f"/callable/{name}")
        assert target, f"{name}: run `make docs`"
        assert target.function == operation["x-function"]
    for name in ("receiveUpiWebhook", "nothing", "", "placeOrder/x"):
        assert routes.find(f"/callable/{name}") is None


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_each_value_of_an_operation_has_one_place(name: str) -> None:
    _, path, operation = DOCUMENTED[name]
    served = OPERATIONS[name]
    places: dict[str, set[str]] = {"path": set(), "query": set(), "header": set()}
    for parameter in operation.get("parameters", []):
        places[parameter["in"]].add(parameter["name"].lower())
    assert served.in_path == places["path"] == {*re.findall(r"{(\w+)}", path)}
    assert served.in_query == places["query"]
    assert {HEADERS[one] for one in served.in_headers} == places["header"] - NOT_CARRIED
    assert served.has_body == ("requestBody" in operation)
    required = [one["name"] for one in operation.get("parameters", []) if one.get("required")]
    assert served.key_required == ("Idempotency-Key" in required)

    body = _fields(operation["requestBody"]) if served.has_body else set()
    names = [*served.in_path, *served.in_query, *served.in_headers, *body]
    assert len(names) == len({*names}), f"{name} has two places for one name"


def _fields(request_body: Any) -> set[str]:
    """Return the names in a body, which must be an object."""
    schema = request_body["content"]["application/json"]["schema"]
    choices = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    assert len(choices) == 1
    model = DOCUMENT["components"]["schemas"][choices[0]["$ref"].rpartition("/")[2]]
    assert model["type"] == "object"
    return set(model["properties"])


@pytest.mark.parametrize("function", PUBLIC)
async def test_no_operation_is_reached_without_a_token_or_with_a_forged_one(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _app(function)
    run_on(app, FakeRuntime(), monkeypatch, tokens=FakeTokens)
    for name, operation in _operations(function).items():
        data = dict.fromkeys(operation.in_path, "1")
        for uid, code in (("", "TOKEN_MISSING"), ("forged", "TOKEN_INVALID")):
            answer = await Caller(app, uid)("POST", f"/callable/{name}", {"data": data})
            error = answer.json()["error"]
            assert (error["status"], error["details"]["code"]) == ("UNAUTHENTICATED", code), name


@pytest.mark.parametrize("function", sorted(MANIFESTS.keys() - {*PUBLIC}))
async def test_functions_of_the_platform_have_no_callables(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _app(function)
    run_on(app, FakeRuntime(), monkeypatch)
    answer = await Caller(app, "asha")("POST", "/callable/receive", {"data": {}})
    assert answer.json().keys() != {"error"}
    assert answer.status_code in (401, 404)
