"""The callable protocol, tested with a small app; `test_callables.py` tries every operation."""

from __future__ import annotations

import json
import logging
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Query, Request, Response
from pydantic import Field
from starlette.responses import JSONResponse, PlainTextResponse

from shared.edge.app import api_router, create_app
from shared.edge.auth import ActiveUser
from shared.edge.errors import STATUS
from shared.edge.etags import IfMatchVersions
from shared.edge.idempotency import IdempotencyKey
from shared.edge.ratelimit import limited, money_policy
from shared.edge.schemas import IdPath, RequestModel
from shared.edge.settings import Settings
from shared.kernel import errors
from shared.kernel.actor import Principal
from shared.kernel.idempotency import AlreadyAnswered
from tests.fakes.accounts import FakeRoles
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.mission("L5")

CANONICAL = {
    400: ("INVALID_ARGUMENT", 400),
    401: ("UNAUTHENTICATED", 401),
    403: ("PERMISSION_DENIED", 403),
    404: ("NOT_FOUND", 404),
    409: ("FAILED_PRECONDITION", 400),
    412: ("ABORTED", 409),
    413: ("INVALID_ARGUMENT", 400),
    422: ("INVALID_ARGUMENT", 400),
    425: ("FAILED_PRECONDITION", 400),
    429: ("RESOURCE_EXHAUSTED", 429),
    503: ("UNAVAILABLE", 503),
}
"""What the SDK shall see for a status of the API (google.rpc.Code and its HTTP status)."""


class Tokens:
    async def verify(self, token: str) -> Principal:
        if token == "forged":
            raise errors.Unauthenticated
        return Principal(token)


class Wish(RequestModel):
    name: Annotated[str, Field(min_length=1)]
    quantity: Annotated[int, Field(ge=1)] = 1
    more: dict[str, Any] = Field(default_factory=dict)


class Note(RequestModel):
    text: str = ""


@pytest.fixture
def app() -> FastAPI:
    router, answers = api_router("/api/v1"), dict[str, Any]()

    @router.get("/wishes/{wish_id}", operation_id="getWish")
    async def get(
        wish_id: IdPath,
        user: ActiveUser,
        urgent: bool = False,
        limit: int = 10,
        kind: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    ) -> dict[str, Any]:
        return {"id": wish_id, "by": user.uid, "urgent": urgent, "limit": limit, "kind": kind}

    @router.post("/wishes", operation_id="makeWish", status_code=201)
    @limited(money_policy("wish"))
    async def make(body: Wish, user: ActiveUser, key: IdempotencyKey, response: Response) -> dict[str, Any]:
        if key.id in answers:
            raise AlreadyAnswered(answers[key.id])
        response.headers["ETag"] = '"1"'
        answers[key.id] = {"key": key.id, **body.model_dump()}
        return dict(answers[key.id])

    @router.put("/wishes/{wish_id}", operation_id="changeWish")
    async def change(wish_id: IdPath, body: Note, versions: IfMatchVersions) -> dict[str, Any]:
        return {"id": wish_id, "text": body.text, "versions": sorted(versions or ())}

    @router.delete("/wishes/{wish_id}", operation_id="dropWish", status_code=204)
    async def drop(wish_id: IdPath) -> None: ...

    @router.post("/wishes/{wish_id}/grant", operation_id="grantWish")
    async def grant(wish_id: IdPath, body: Note | None = None) -> dict[str, Any]:
        return {"id": wish_id, "body": body is not None}

    @router.get("/report", operation_id="readReport")
    async def report() -> Response:
        return PlainTextResponse("a,b")

    @router.post("/fail/{status}", operation_id="fail")
    async def fail(status: int, request: Request) -> Response:
        found = [error for error, number in STATUS.items() if number == status]
        raise (found[0]() if found else KeyError("secret"))

    @router.get("/hidden")
    async def hidden() -> JSONResponse:
        return JSONResponse({})

    return create_app(
        "small_api",
        runtime=FakeRuntime(),
        routers=[router],
        settings=lambda: Settings(google_cloud_project="demo-waybill"),
        tokens=Tokens,
        roles=FakeRoles,
    )


class Caller:
    """Sends what the client SDK sends."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def post(self, name: str, content: Any, method: str = "POST", **headers: str) -> httpx.Response:
        names = {"Authorization": "Bearer asha", "Content-Type": "application/json", **headers}
        body = content if isinstance(content, str | bytes) else json.dumps(content)
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
            return await http.request(method, f"/callable/{name}", content=body, headers=names)

    async def result(self, operation: str, /, **data: Any) -> Any:
        answer = await self.post(operation, {"data": data})
        assert answer.status_code == 200, answer.text
        assert answer.json().keys() == {"result"}
        return answer.json()["result"]

    async def error(self, name: str, data: Any, **headers: str) -> tuple[str, str]:
        """Return the canonical status of a refusal and the code of its problem."""
        return refusal(await self.post(name, {"data": data}, **headers))


def refusal(answer: httpx.Response) -> tuple[str, str]:
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json().keys() == {"error"}, answer.text
    error = answer.json()["error"]
    assert error.keys() == {"status", "message", "details"}
    assert error["message"] == error["details"]["detail"]
    assert error["details"]["request_id"] == answer.headers["X-Request-Id"]
    return error["status"], error["details"]["code"]


@pytest.fixture
def call(app: FastAPI) -> Caller:
    return Caller(app)


class TestWhereValuesGo:
    async def test_into_path_and_query(self, call: Caller) -> None:
        data = {"wish_id": "w-1", "urgent": True, "limit": 3, "kind": ["a&b", "ü"]}

        assert await call.result("getWish", **data) == {
            "id": "w-1",
            "by": "asha",
            "urgent": True,
            "limit": 3,
            "kind": ["a&b", "ü"],
        }

    async def test_a_null_where_the_sdk_had_undefined_is_an_absent_query_value(self, call: Caller) -> None:
        assert (await call.result("getWish", wish_id="w", limit=None))["limit"] == 10

    async def test_what_is_left_is_the_body(self, call: Caller) -> None:
        made = await call.result("makeWish", name="bike", quantity=2, more={"a": [1, None, "x"]})

        assert {name: made[name] for name in ("name", "quantity", "more")} == {
            "name": "bike",
            "quantity": 2,
            "more": {"a": [1, None, "x"]},
        }

    async def test_a_version_goes_into_if_match_as_a_number_or_a_tag(self, call: Caller) -> None:
        for version in (3, '"3"'):
            changed = await call.result("changeWish", wish_id="w", if_match=version, text="t")
            assert changed == {"id": "w", "text": "t", "versions": [3]}
        assert (await call.result("changeWish", wish_id="w"))["versions"] == []

    async def test_integers_as_the_sdks_of_phones_write_them_are_numbers(self, call: Caller) -> None:
        long = {"@type": "type.googleapis.com/google.protobuf.Int64Value", "value": "7"}

        made = await call.result("makeWish", name="bike", quantity=long, more={"a": [long]})
        assert (made["quantity"], made["more"]) == (7, {"a": [7]})
        other = {"@type": "type.googleapis.com/google.protobuf.Int64Value", "value": "x"}
        assert (await call.result("makeWish", name="bike", more=other))["more"] == other

    async def test_an_optional_body_is_absent_without_values(self, call: Caller) -> None:
        assert await call.result("grantWish", wish_id="w") == {"id": "w", "body": False}
        assert await call.result("grantWish", wish_id="w", text="t") == {"id": "w", "body": True}

    async def test_an_empty_answer_is_null_and_text_is_a_string(self, call: Caller) -> None:
        assert await call.result("dropWish", wish_id="w") is None
        assert await call.result("readReport") == "a,b"

    async def test_no_data_is_an_empty_object(self, call: Caller) -> None:
        assert (await call.post("readReport", {"data": None})).json() == {"result": "a,b"}

    @pytest.mark.parametrize(
        ("name", "data", "pointer"),
        [
            ("getWish", {}, "/path/wish_id"),
            ("getWish", {"wish_id": None}, "/path/wish_id"),
            ("getWish", {"wish_id": {"a": 1}}, "/path/wish_id"),
            ("getWish", {"wish_id": "w", "limit": "many"}, "/query/limit"),
            ("getWish", {"wish_id": "w", "limit": {}}, "/query/limit"),
            ("getWish", {"wish_id": "w", "kind": ["\ud800"]}, "/query/kind"),
            ("getWish", {"wish_id": "w", "colour": "red"}, "/colour"),
            ("makeWish", {"name": "bike", "colour": "red"}, "/colour"),
            ("makeWish", {"name": "bike", "quantity": 0}, "/quantity"),
            ("makeWish", {"quantity": 1}, "/name"),
            ("makeWish", {"name": "n", "idempotency_key": "a\nb"}, "/header/idempotency-key"),
            ("makeWish", {"name": "n", "idempotency_key": {}}, "/header/idempotency-key"),
            ("changeWish", {"wish_id": "w", "if_match": ["1"]}, "/header/if-match"),
        ],
    )
    async def test_a_value_that_is_wrong_or_has_no_place_is_named(
        self, call: Caller, name: str, data: dict[str, Any], pointer: str
    ) -> None:
        answer = await call.post(name, {"data": data})

        assert refusal(answer) == ("INVALID_ARGUMENT", "INVALID_REQUEST")
        assert pointer in [fault["pointer"] for fault in answer.json()["error"]["details"]["errors"]]

    @pytest.mark.parametrize("wish_id", ["", "..", ".", "w/grant", "../report", "a\x00", "w\n"])
    async def test_no_value_of_a_path_leads_to_another_route(self, call: Caller, wish_id: str) -> None:
        assert await call.error("getWish", {"wish_id": wish_id}) == ("INVALID_ARGUMENT", "INVALID_REQUEST")

    @pytest.mark.parametrize("wish_id", ["w?limit=3", "w#x", "w%2Fgrant", "wü"])
    async def test_odd_values_of_a_path_are_refused_by_the_route_as_they_are(
        self, call: Caller, wish_id: str
    ) -> None:
        assert await call.error("getWish", {"wish_id": wish_id}) == ("INVALID_ARGUMENT", "INVALID_REQUEST")

    async def test_a_parameter_in_the_address_of_a_callable_is_refused(self, call: Caller) -> None:
        answer = await call.post("getWish?bogus=1", {"data": {"wish_id": "w"}})
        assert refusal(answer) == ("INVALID_ARGUMENT", "INVALID_REQUEST")
        [fault] = answer.json()["error"]["details"]["errors"]
        assert fault["pointer"] == "/query/bogus"


class TestIdempotency:
    async def test_a_key_of_the_caller_is_that_of_the_operation(self, call: Caller) -> None:
        once = await call.post("makeWish", {"data": {"name": "bike", "idempotency_key": "k1"}})
        again = await call.post("makeWish", {"data": {"name": "bike", "idempotency_key": "k1"}})

        assert once.json() == again.json()
        assert "Idempotent-Replayed" not in once.headers
        assert again.headers["Idempotent-Replayed"] == "true"

    async def test_the_same_key_is_the_same_by_either_door(self, app: FastAPI, call: Caller) -> None:
        made = await call.result("makeWish", name="bike", idempotency_key="k1")
        headers = {"Authorization": "Bearer asha", "Idempotency-Key": "k1"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
            rest = await http.post("/api/v1/wishes", json={"name": "bike"}, headers=headers)

        assert rest.headers["Idempotent-Replayed"] == "true"
        assert rest.json() == made

    async def test_without_a_key_each_call_is_an_operation_of_its_own(self, call: Caller) -> None:
        keys = [(await call.result("makeWish", name="bike"))["key"] for _ in range(3)]
        assert len({*keys}) == 3

    async def test_a_key_in_the_header_field_counts_and_one_in_the_data_before_it(self, call: Caller) -> None:
        header = {"Idempotency-Key": "k1"}
        by_header = await call.post("makeWish", {"data": {"name": "a"}}, **header)
        by_data = await call.result("makeWish", name="a", idempotency_key="k1")
        other = await call.post("makeWish", {"data": {"name": "a", "idempotency_key": "k2"}}, **header)

        assert by_header.json()["result"] == by_data
        assert other.json()["result"] != by_data


class TestRefusals:
    @pytest.mark.parametrize("status", sorted(STATUS.values()))
    async def test_each_kind_of_problem_has_its_canonical_status(self, call: Caller, status: int) -> None:
        answer = await call.post("fail", {"data": {"status": status}})

        assert (refusal(answer)[0], answer.status_code) == CANONICAL[status]
        assert answer.json()["error"]["details"]["status"] == status

    async def test_an_unexpected_error_says_nothing(self, call: Caller) -> None:
        answer = await call.post("fail", {"data": {"status": 999}})

        assert refusal(answer) == ("INTERNAL", "INTERNAL")
        assert "secret" not in answer.text

    async def test_the_header_fields_of_a_refusal_stay(self, call: Caller) -> None:
        busy = await call.post("fail", {"data": {"status": 429}})
        assert int(busy.headers["Retry-After"]) > 0

    @pytest.mark.parametrize(
        ("headers", "expected"),
        [({"Authorization": ""}, "TOKEN_MISSING"), ({"Authorization": "Bearer forged"}, "UNAUTHENTICATED")],
    )
    async def test_the_caller_is_known_by_the_bearer_token_alone(
        self, call: Caller, headers: dict[str, str], expected: str
    ) -> None:
        found = await call.error("getWish", {"wish_id": "w"}, **headers, **{"X-Firebase-AppCheck": "token"})
        assert found == ("UNAUTHENTICATED", expected)

    @pytest.mark.parametrize("name", ["nothing", "", "getWish/x", "hidden", "get"])
    async def test_what_is_no_operation_is_not_found(self, call: Caller, name: str) -> None:
        assert await call.error(name, {}) == ("NOT_FOUND", "UNKNOWN_CALLABLE")

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            ({}, "NOT_CALLABLE"),
            ([], "NOT_CALLABLE"),
            ({"data": {}, "more": 1}, "NOT_CALLABLE"),
            ({"data": [1]}, "NOT_CALLABLE"),
            ({"data": "text"}, "NOT_CALLABLE"),
            ("", "MALFORMED"),
            ("{", "MALFORMED"),
            ('{"data": {}, "data": {}}', "MALFORMED"),
            ('{"data": {"wish_id": "a", "wish_id": "b"}}', "MALFORMED"),
            ('{"data": ' + '{"a": ' * 20_000 + "1" + "}" * 20_001, "MALFORMED"),
        ],
    )
    async def test_what_is_no_callable_request_is_refused(
        self, call: Caller, content: Any, code: str
    ) -> None:
        assert refusal(await call.post("getWish", content)) == ("INVALID_ARGUMENT", code)

    async def test_data_that_is_nested_too_deeply_is_refused(self, call: Caller) -> None:
        for depth in (500, 900, 980):
            nested = '{"data": {"a": ' + "[" * depth + "]" * depth + "}}"
            assert refusal(await call.post("getWish", nested))[0] == "INVALID_ARGUMENT"

    async def test_only_json_is_read_and_no_more_than_the_limit(self, call: Caller) -> None:
        text = await call.post("getWish", '{"data": {}}', **{"Content-Type": "text/plain"})
        assert refusal(text) == ("INVALID_ARGUMENT", "UNSUPPORTED_MEDIA_TYPE")
        large = await call.post("makeWish", {"data": {"name": "x" * 1_100_000}})
        assert refusal(large) == ("INVALID_ARGUMENT", "TOO_LARGE")

    async def test_a_get_is_no_callable_request(self, call: Caller) -> None:
        assert refusal(await call.post("getWish", b"", method="GET")) == ("INVALID_ARGUMENT", "NOT_CALLABLE")


async def test_the_log_names_the_operations_route_as_for_any_other_request(
    call: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await call.result("getWish", wish_id="w")
    await call.error("fail", {"status": 409})

    lines = [record for record in caplog.records if record.message == "request"]
    assert [(line.method, line.path, getattr(line, "code", "")) for line in lines] == [  # type: ignore[attr-defined]
        ("GET", "/api/v1/wishes/{wish_id}", ""),
        ("POST", "/api/v1/fail/{status}", "WRONG_STATE"),
    ]
