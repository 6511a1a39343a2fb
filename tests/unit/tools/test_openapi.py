"""The published document says what the functions serve, how they refuse, and gives examples that hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tools.docs.openapi.__main__ import main
from tools.docs.openapi.document import TARGET, document


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(TARGET.read_text())
    return found


def operations(published: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in published["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_committed_document_is_that_of_the_code() -> None:
    assert main(["--check"]) == 0


def test_it_is_valid_openapi_3_1(published: dict[str, Any]) -> None:
    assert published["openapi"] == "3.1.0"
    validate(published)


def test_every_operation_names_its_function_and_who_may_call_it(published: dict[str, Any]) -> None:
    found = list(operations(published))

    assert len(found) > 30
    for name, operation in found:
        assert operation["x-function"], name
        assert operation.get("security") or operation["x-function"].endswith("_webhooks"), name


def test_every_operation_is_found_in_a_list_by_its_name_summary_and_tag(published: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(published)]
    tags = {tag["name"] for tag in published["tags"] if tag["description"]}

    assert len(set(ids)) == len(ids)
    for name, operation in operations(published):
        assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"]), name
        assert len(operation["summary"].split()) >= 3, name
        assert operation["description"] != operation["summary"], name
        assert operation["tags"], name
        assert set(operation["tags"]) <= tags, name


def test_a_client_knows_where_to_call_and_how_to_sign_in(published: dict[str, Any]) -> None:
    assert published["servers"]
    assert published["components"]["securitySchemes"]["firebase"]["scheme"] == "bearer"


def test_an_idempotency_key_is_required_where_the_route_refuses_a_request_without(
    published: dict[str, Any],
) -> None:
    required = [
        parameter["required"]
        for _, operation in operations(published)
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "Idempotency-Key"
    ]
    assert True in required
    place = published["paths"]["/api/v1/orders"]["post"]["parameters"]
    assert [one["required"] for one in place if one["name"] == "Idempotency-Key"] == [True]


def test_every_refusal_lists_its_codes_and_what_each_asks_for(published: dict[str, Any]) -> None:
    for name, operation in operations(published):
        for status, response in operation["responses"].items():
            if "400" <= status < "600":
                codes = [*response.get("x-codes", ()), *response.get("x-shared-codes", ())]
                assert codes, (name, status)
                assert all(f"`{code}`" in response["description"] for code in codes)
                assert all_codes(response, published) == {*codes}, (name, status)


def test_the_schema_of_a_refusal_is_closed_only_where_no_common_code_comes_with_its_status(
    published: dict[str, Any],
) -> None:
    found = dict(operations(published))

    def closed(name: str, status: str) -> bool:
        [media] = found[name]["responses"][status]["content"].values()
        return "enum" in str(media["schema"])

    assert closed("POST /api/v1/orders", "409")
    assert not closed("POST /api/v1/orders", "403"), "ACCOUNT_DISABLED"
    assert not closed("GET /api/v1/orders/{order_id}", "404"), "NOT_FOUND"
    assert closed("POST /api/v1/orders", "404"), "its path has no id"


def test_no_operation_lists_more_than_sixteen_codes_whatever_it_refers_to(published: dict[str, Any]) -> None:
    counts = {name: len(all_codes(one["responses"], published)) for name, one in operations(published)}

    assert max(counts.values()) <= 16, max(counts.items(), key=lambda count: count[1])
    assert max(counts.values()) > 5


def all_codes(part: Any, published: dict[str, Any]) -> set[str]:
    """Return every error code under a part of the document and under all that it refers to."""
    if isinstance(part, list):
        return set().union(*(all_codes(one, published) for one in part))
    if not isinstance(part, dict):
        return set()
    found = {code for key, codes in part.items() if re.fullmatch("x-.*codes", key) for code in codes}
    found |= set(part.get("properties", {}).get("code", {}).get("enum", ()))
    if "$ref" in part:
        section, name = part["$ref"].split("/")[-2:]
        if section == "responses" or name == "Problem":
            found |= all_codes(published["components"][section][name], published)
    return found | set().union(*(all_codes(one, published) for one in part.values()))


def test_what_any_operation_may_answer_is_described_once(published: dict[str, Any]) -> None:
    introduction = published["info"]["description"]
    common = {one["code"]: one for one in published["x-common-codes"]}

    assert common["TOKEN_MISSING"] == {"code": "TOKEN_MISSING", "status": 401, "when": "signed_in"}
    for code, one in common.items():
        assert f"| {one['status']} | `{code}` |" in introduction
    for name, operation in operations(published):
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, name
        shared = {code for one in operation["responses"].values() for code in one.get("x-shared-codes", ())}
        # Its own fields are one matter, a query parameter that it does not have is another.
        assert not (common.keys() - {"INVALID_REQUEST"}) & shared, name


@pytest.mark.parametrize(
    ("operation", "codes"),
    [
        ("POST /api/v1/orders", {"QUOTE_USED", "INVALID_REQUEST"}),
        ("GET /api/v1/orders", {"INVALID_PAGE_TOKEN"}),
        ("POST /api/v1/admin/users/{uid}/disable", {"ROLE_MISSING", "SECOND_FACTOR_REQUIRED"}),
    ],
)
def test_an_operation_lists_the_codes_of_its_kind(
    published: dict[str, Any], operation: str, codes: set[str]
) -> None:
    assert codes <= all_codes(dict(operations(published))[operation]["responses"], published)


def test_every_example_is_what_its_schema_allows(published: dict[str, Any]) -> None:
    shown = 0
    for _, operation in operations(published):
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in body.get("content", {}).values():
                schema = {**media["schema"], "components": published["components"]}
                Draft202012Validator(schema).validate(media["example"])
                shown += 1
    assert shown > 200


def examples(published: dict[str, Any], model: str) -> dict[str, Any]:
    """Return the examples whose schema is that model, by operation."""
    found = {}
    for _, operation in operations(published):
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in body.get("content", {}).values():
                if media["schema"].get("$ref", "").endswith(f"/{model}"):
                    found[operation["operationId"]] = media["example"]
    assert found, model
    return found


def test_no_example_holds_the_name_of_a_field_in_place_of_a_value(published: dict[str, Any]) -> None:
    """Give the field an example: `Field(examples=[…])`, or its value in `tools/docs/openapi/facts.py`."""

    def fields(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
        children = value.items() if isinstance(value, dict) else [(at, one) for one in value]
        for name, one in children:
            yield from fields(one, name) if isinstance(one, dict | list) else [(name, one)]

    for name, operation in operations(published):
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in body.get("content", {}).values():
                for field, value in fields(media["example"]):
                    assert value != field.replace("_", " "), (name, field)


def test_the_examples_are_about_one_order(published: dict[str, Any]) -> None:
    quoted = examples(published, "QuoteView")["makeQuote"]
    placed = examples(published, "OrderView")["placeOrder"]
    paid = examples(published, "PaymentView")["startPayment"]
    offered = examples(published, "OfferView")["getOffer"]

    assert examples(published, "OrderRequest")["placeOrder"]["quote_id"] == quoted["id"]
    assert examples(published, "PaymentRequest")["startPayment"]["order_id"] == placed["id"]
    assert (placed["items"], placed["amounts"]) == (quoted["items"], quoted["amounts"])
    assert (paid["order_id"], paid["amount"]) == (placed["id"], placed["amounts"]["total"])
    assert (offered["order_id"], offered["pay"]["amount"]) == (
        placed["id"],
        placed["amounts"]["delivery_fee"],
    )
    for name, order in examples(published, "OrderView").items():
        assert order["id"] == placed["id"], name
        assert order["pickup"] == placed["pickup"] != order["dropoff"] == placed["dropoff"], name
        assert order["placed_at"] == placed["placed_at"] <= order["updated_at"], name


def test_the_examples_price_the_order_as_its_menu_says(published: dict[str, Any]) -> None:
    menu = {item["id"]: item for item in examples(published, "MenuView")["getMenu"]["items"]}

    for name, order in examples(published, "OrderView").items():
        for line in order["items"]:
            item = menu[line["item_id"]]
            offered = {one["id"]: one for group in item["modifier_groups"] for one in group["modifiers"]}
            extra = sum(offered[one["modifier_id"]]["price_delta"] for one in line["modifiers"])
            assert (line["name"], line["unit_price"]) == (item["name"], item["price"] + extra), name
            assert line["total"] == line["unit_price"] * line["quantity"], name
        amounts = order["amounts"]
        assert amounts["items"] == sum(line["total"] for line in order["items"]), name
        parts = ("items", "delivery_fee", "small_order_fee", "tax", "tip")
        assert amounts["total"] == sum(amounts[part] for part in parts) - amounts["discount"], name


def test_an_example_of_a_problem_is_one_of_its_operation(published: dict[str, Any]) -> None:
    for path, methods in published["paths"].items():
        for operation in methods.values():
            for response in operation["responses"].values():
                for media in response.get("content", {}).values():
                    if "code" in media["example"] and "request_id" in media["example"]:
                        pattern = re.sub(r"\{\w+\}", "[A-Za-z0-9_]+", path)
                        assert re.fullmatch(pattern, media["example"]["instance"]), (path, media["example"])


def test_a_bare_functions_description_names_just_the_routes_that_it_serves() -> None:
    from functions.tracking_api import openapi
    from functions.tracking_api.routes import routes

    assert {route.path for route in routes} == {str(getattr(r, "path", "")) for r in openapi.router.routes}


def test_every_reference_resolves(published: dict[str, Any]) -> None:
    named = {part.split('"')[0] for part in TARGET.read_text().split("#/components/schemas/")[1:]}

    assert named <= set(published["components"]["schemas"])


def test_the_document_is_the_same_each_time() -> None:
    assert document() == document()


def test_fault_33_every_document_with_a_tag_says_that_it_can_be_304(published: dict[str, Any]) -> None:
    known = {
        operation["operationId"] for _, operation in operations(published) if "304" in operation["responses"]
    }
    assert known == {"getMenu", "getMerchant", "getOpeningHours", "getProfile"}
