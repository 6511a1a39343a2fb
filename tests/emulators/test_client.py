"""The client of the public API that demo, end-to-end tests and simulation share."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import httpx
import pytest

from emulators.client import operations
from emulators.client.api import ApiClient, Refused
from emulators.client.auth import Account, Identity
from emulators.client.call import Call
from emulators.client.operations import orders
from emulators.client.retries import Unanswered

API = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())


def _client(answer: Callable[[httpx.Request], httpx.Response], retry_seconds: float = 60.0) -> ApiClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    identity = Identity(http, "127.0.0.1:1", "demo-waybill")
    account = Account(identity, {"localId": "u1", "idToken": "t", "refreshToken": "r", "expiresIn": "3600"})
    return ApiClient(http, "http://waybill", account, retry_seconds=retry_seconds)


class TestApiClient:
    async def test_a_post_is_retried_with_the_same_key_until_it_is_answered(self) -> None:
        keys: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            keys.append(request.headers["Idempotency-Key"])
            if len(keys) == 1:
                raise httpx.ConnectError("refused", request=request)
            return httpx.Response(503) if len(keys) == 2 else httpx.Response(201, json={"id": "ord_1"})

        assert await _client(answer).do(orders.place_order("quo_1")) == {"id": "ord_1"}
        assert len(keys) == 3
        assert len(set(keys)) == 1

    async def test_a_client_without_retries_asks_once(self) -> None:
        answers = [httpx.Response(503, text="busy")]
        with pytest.raises(Unanswered, match="POST /orders: 503 busy"):
            await _client(lambda _: answers.pop(), retry_seconds=0).do(orders.place_order("quo_1"))

    async def test_a_refusal_has_the_code_of_the_problem(self) -> None:
        problem = {"code": "OFFER_EXPIRED", "detail": "too late", "errors": []}
        with pytest.raises(Refused, match="GET /orders/ord_1: 409 OFFER_EXPIRED too late") as refusal:
            await _client(lambda _: httpx.Response(409, json=problem)).do(orders.get_order("ord_1"))
        assert (refusal.value.status, refusal.value.code) == (409, "OFFER_EXPIRED")

    async def test_a_500_is_not_retried(self) -> None:
        answers = [httpx.Response(500, text="Internal Server Error")]
        with pytest.raises(Unanswered):
            await _client(lambda _: answers.pop()).do(orders.get_order("ord_1"))

    async def test_a_raw_answer_has_the_key_that_was_asked_for_or_none(self) -> None:
        seen: list[str | None] = []

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(request.headers.get("Idempotency-Key"))
            return httpx.Response(409)

        client, call = _client(answer), orders.confirm_order("ord_1")
        for key in ("click", None):
            assert (await client.send(call, key=key)).status_code == 409
        assert seen == ["click", None]


def _functions() -> Iterator[tuple[str, Callable[..., Call]]]:
    for found in pkgutil.iter_modules(operations.__path__):
        module = importlib.import_module(f"{operations.__name__}.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__:
                yield name, function


def _example(function: Callable[..., Call]) -> Call:
    """Return the call with a value for each argument that has to be given."""
    values: dict[Any, Any] = {str: "x", int: 1, float: 1.0}
    hints, parameters = get_type_hints(function), inspect.signature(function).parameters.values()
    wanted = [one for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD]
    return function(**{one.name: values.get(hints[one.name], {}) for one in wanted})


def _schema_of_body(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema: dict[str, Any] = content.get("schema", {})
    schema = next((one for one in schema.get("anyOf", ()) if "$ref" in one), schema)
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = API["components"]["schemas"].get(name, schema)
    return found


@pytest.mark.parametrize(("name", "function"), list(_functions()))
def test_each_function_makes_the_call_of_the_operation_by_whose_id_it_is_named(
    name: str, function: Callable[..., Call]
) -> None:
    call = _example(function)
    operation = API["paths"][f"/api/v1{call.template}"][call.method.lower()]
    assert re.sub(r"(?<!^)(?=[A-Z])", "_", operation["operationId"]).lower() == name
    assert set(re.findall(r"{(\w+)}", call.template)) == set(call.ids)
    schema = _schema_of_body(operation)
    if name != "register_merchant":  # its profile is passed as it is
        assert set(schema.get("required", ())) <= set(call.body or ())
    assert set(call.body or ()) <= set(schema.get("properties", ()))
    queries = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    assert set(call.query) <= queries
