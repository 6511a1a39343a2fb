"""The behaviour that all functions share, tested with a small one."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import Field, TypeAdapter, ValidationError

from shared.edge.app import api_router, create_app
from shared.edge.auth import ActiveUser, ActiveVerifiedUser, Admin
from shared.edge.entry import entry_point
from shared.edge.idempotency import IdempotencyKey
from shared.edge.schemas import InvalidPageToken, Moment, RequestModel, ResponseModel, page_values
from shared.edge.settings import Settings
from shared.edge.text import Name
from shared.kernel.actor import Principal, Role
from shared.kernel.errors import Unauthenticated, Unavailable, WrongState
from shared.kernel.idempotency import AlreadyAnswered
from tests.fakes.accounts import FakeRoles
from tests.fakes.runtime import FakeRuntime

PEOPLE = {
    "whole": Principal("u1", "a@example.com", True, "+911234567890"),
    "no-phone": Principal("u2", "a@example.com", True),
    "no-email": Principal("u3", "a@example.com", False, "+911234567890"),
    "neither": Principal("u4"),
    "admin": Principal("root", "r@example.com", True, "+911234567891"),
}
PROBLEM = "application/problem+json"


class Tokens:
    async def verify(self, token: str) -> Principal:
        if token not in PEOPLE:
            raise Unauthenticated("no such token")
        return PEOPLE[token]


class Wish(RequestModel):
    name: Name
    quantity: Annotated[int, Field(ge=1, le=99)]


class Answer(ResponseModel):
    name: str


class Answered:
    """The stored answers by idempotency key."""

    def __init__(self) -> None:
        self.by_key: dict[str, tuple[str, dict[str, object]]] = {}


@pytest.fixture
def app() -> FastAPI:
    router, answered = api_router("/api/v1"), Answered()

    @router.get("/whoami")
    async def me(user: ActiveUser) -> Answer:
        return Answer(name=user.uid)

    @router.get("/admin")
    async def admin(user: Admin) -> Answer:
        return Answer(name=user.uid)

    @router.post("/wishes", status_code=201)
    async def wish(body: Wish, user: ActiveVerifiedUser, key: IdempotencyKey) -> Answer:
        idempotency = key.for_answer(lambda name: Answer(name=name))
        if found := answered.by_key.get(idempotency.id):
            assert found[0] == idempotency.fingerprint
            raise AlreadyAnswered(found[1])
        answered.by_key[idempotency.id] = (idempotency.fingerprint, idempotency.render(body.name))
        return Answer(name=body.name)

    @router.post("/fail/{kind}")
    async def fail(kind: str) -> None:
        errors = {"state": WrongState("not now"), "down": Unavailable("later"), "bug": KeyError("secret")}
        raise errors[kind]

    return create_app(
        "small_api",
        runtime=FakeRuntime(),
        routers=[router],
        settings=lambda: Settings(google_cloud_project="demo-waybill"),
        tokens=Tokens,
        roles=lambda: FakeRoles({"root": frozenset({Role.ADMIN})}),
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    from functions_framework.aio import create_asgi_app_from_module

    handler = entry_point(app, "small_api")

    class Module:
        small_api = staticmethod(handler)

    served: Any = create_asgi_app_from_module(  # type: ignore[no-untyped-call]
        "small_api", __file__, "http", Module, None
    )
    transport = httpx.ASGITransport(served)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
        yield http


def _bearer(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **more}


async def test_without_a_token_the_answer_is_401_and_says_how_to_sign_in(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer "}, _bearer("forged")):
        answer = await client.get("/api/v1/whoami", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("no-phone", "PHONE_NOT_VERIFIED"),
        ("no-email", "EMAIL_NOT_VERIFIED"),
        ("neither", "EMAIL_AND_PHONE_NOT_VERIFIED"),
    ],
)
async def test_the_error_names_what_is_not_verified(client: httpx.AsyncClient, token: str, code: str) -> None:
    headers = _bearer(token, **{"Idempotency-Key": "k"})
    answer = await client.post("/api/v1/wishes", json={"name": "n", "quantity": 1}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_the_role_store_decides_who_is_an_admin(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/admin", headers=_bearer("admin"))).status_code == 200
    assert (await client.get("/api/v1/admin", headers=_bearer("whole"))).status_code == 403


@pytest.mark.parametrize(
    "quantity", ["0", "-1", "1.5", "1000000000", "NaN", "Infinity", "true", '"1"', "null", "1e2"]
)
async def test_a_quantity_that_is_no_small_integer_is_422_with_its_pointer(
    client: httpx.AsyncClient, quantity: str
) -> None:
    body = f'{{"name": "n", "quantity": {quantity}}}'
    answer = await client.post("/api/v1/wishes", content=body, headers=_json("k"))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/quantity"


@pytest.mark.parametrize(
    "body",
    [
        '{"name": ',
        "",
        '{"name": "a", "name": "b", "quantity": 1}',
        "[" * 5_000,
        "\xff",
        '{"quantity": ' + "9" * 5_000,
    ],
)
async def test_invalid_json_is_400(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post("/api/v1/wishes", content=body.encode("latin-1"), headers=_json("k"))

    assert (answer.status_code, answer.json()["code"]) in {(400, "MALFORMED"), (422, "INVALID_REQUEST")}
    assert body == "" or answer.status_code == 400


@pytest.mark.parametrize("name", ["", "  ", "a\u0000b", "\u202e\u200b", "a\nb", "x" * 201])
async def test_control_characters_and_names_that_show_nothing_or_too_much_are_refused(
    client: httpx.AsyncClient, name: str
) -> None:
    answer = await client.post("/api/v1/wishes", json={"name": name, "quantity": 1}, headers=_json("k"))
    assert answer.status_code == 422


async def test_an_unknown_field_is_refused(client: httpx.AsyncClient) -> None:
    body = {"name": "n", "quantity": 1, "price": 0}
    answer = await client.post("/api/v1/wishes", json=body, headers=_json("k"))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/price")


async def test_a_body_over_one_mebibyte_is_413_whether_declared_or_streamed(
    client: httpx.AsyncClient,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1024 * 1024

    declared = await client.post("/api/v1/wishes", content=b"x" * (1024 * 1024 + 1), headers=_json("k"))
    streamed = await client.post("/api/v1/wishes", content=chunks(), headers=_json("k"))

    assert [(a.status_code, a.json()["code"]) for a in (declared, streamed)] == [(413, "TOO_LARGE")] * 2


async def test_a_key_is_required_and_a_repeated_request_gets_the_first_answer_and_status(
    client: httpx.AsyncClient,
) -> None:
    body = {"name": "n", "quantity": 1}
    missing = await client.post("/api/v1/wishes", json=body, headers=_bearer("whole"))
    first = await client.post("/api/v1/wishes", json=body, headers=_json("k"))
    alias = _bearer("whole", **{"X-Idempotency-Key": "k", "content-type": "application/json"})
    again = await client.post("/api/v1/wishes", json=body, headers=alias)

    assert (missing.status_code, missing.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (201, {"name": "n"})
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "schlüssel"])
async def test_a_malformed_key_is_400(client: httpx.AsyncClient, key: str) -> None:
    headers = httpx.Headers(_json("k"), encoding="latin-1")
    headers["Idempotency-Key"] = key
    answer = await client.post("/api/v1/wishes", json={"name": "n", "quantity": 1}, headers=headers)
    assert answer.status_code == 400


async def test_errors_are_problems_with_a_code_and_the_request_id(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/fail/state", headers={"X-Request-Id": "abc-1"})

    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["detail"], problem["instance"]) == (
        "WRONG_STATE",
        "not now",
        "/api/v1/fail/state",
    )
    assert problem["request_id"] == answer.headers["X-Request-Id"] == "abc-1"


async def test_an_unavailable_dependency_is_503_with_retry_after(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/fail/down")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


async def test_an_unexpected_error_is_a_problem_without_details_and_a_log_entry_with_the_place(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.post("/api/v1/fail/bug")

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "secret" not in answer.text
    assert "unexpected_error" in [record.message for record in caplog.records]


async def test_an_unknown_path_and_a_wrong_method_are_problems_too(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).json()["code"] == "NOT_FOUND"
    assert (await client.delete("/api/v1/whoami")).json()["code"] == "METHOD_NOT_ALLOWED"


async def test_a_private_app_admits_no_request_without_a_token_of_the_platform() -> None:
    router = api_router()

    @router.post("/cron/x")
    async def job() -> None:
        return None

    private = create_app(
        "small_cron",
        runtime=FakeRuntime(),
        routers=[router],
        settings=lambda: Settings(google_cloud_project="p"),
        private=True,
    )
    transport = httpx.ASGITransport(private)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
        assert (await http.post("/cron/x")).status_code == 401
        assert (await http.get("/health")).json() == {"status": "ok"}


def test_an_emulator_next_to_k_service_stops_the_process_at_its_start(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K_SERVICE", "orders-api")
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1")
    with pytest.raises(ValueError, match="FIREBASE_AUTH_EMULATOR_HOST"):
        entry_point(app, "small_api")
    with pytest.raises(ValueError, match="FIREBASE_AUTH_EMULATOR_HOST"):
        Settings(google_cloud_project="p")


async def test_a_trailing_slash_is_not_found_and_never_a_redirect_to_the_host_header(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/api/v1/me/", headers=_bearer("whole", Host="evil.example"))
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_the_log_names_the_route_and_not_the_path_of_the_client(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await client.post("/api/v1/fail/state")
    await client.get("/canary")
    paths = [getattr(record, "path", "") for record in caplog.records if record.message == "request"]
    assert paths == ["/api/v1/fail/{kind}", "(no route)"]


@pytest.mark.parametrize(
    "values",
    [
        '[{"t": "0001-01-01T00:00:00+14:00"}, "a"]',
        '[{"t": "9999-12-31T23:59:59-14:00"}, "a"]',
        '[{"t": "2026-11-20T12:00:00"}, "a"]',
        '[{"t": "2026-11-20T12:00:00Z"}, "\\ud800"]',
        '[{"t": "2026-11-20T12:00:00Z"}, 1]',
        '[{"t": "2026-11-20T12:00:00Z"}]',
        "{}",
        "7",
    ],
)
def test_a_page_token_that_is_not_ours_is_refused(values: str) -> None:
    with pytest.raises(InvalidPageToken):
        page_values(base64.urlsafe_b64encode(values.encode()).decode(), (datetime, str))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(text)


def test_a_time_is_the_same_moment_in_every_offset() -> None:
    moment = TypeAdapter(Moment).validate_python("2026-11-20T17:30:00+05:30")
    assert (moment, moment.utcoffset()) == (datetime(2026, 11, 20, 12, tzinfo=UTC), timedelta(0))


def test_the_length_of_a_text_is_that_of_its_stored_form() -> None:
    with pytest.raises(ValidationError):
        Wish(name="\U0001d160" * 200, quantity=1)


def _json(key: str) -> dict[str, str]:
    return _bearer("whole", **{"Idempotency-Key": key, "content-type": "application/json"})


def test_the_log_drops_fields_that_are_not_on_the_list_and_the_text_of_errors() -> None:
    import logging

    from shared.edge.logging import JsonFormatter

    try:
        raise ValueError("canary@example.com")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, "message", None, (ValueError, error, error.__traceback__)
        )
    record.email = "canary@example.com"
    record.order_id = "ord_1"

    entry = json.loads(JsonFormatter().format(record))

    assert "canary" not in json.dumps(entry)
    assert (entry["severity"], entry["order_id"]) == ("ERROR", "ord_1")
