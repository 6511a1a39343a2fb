"""A change of the API document that breaks clients of the last release is named in the changelog."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tools.docs.openapi.compare import CHANGELOG, CURRENT, RELEASED, breaking, unnamed

Document = dict[str, Any]


def small() -> Document:
    """Return a document with one operation."""
    thing = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
    }
    json_ = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    operation = {
        "operationId": "makeThing",
        "parameters": [{"in": "query", "name": "size", "required": False}],
        "requestBody": {"content": json_},
        "responses": {"201": {"content": json_}, "409": {"x-codes": ["TOO_LATE"]}},
    }
    return {"paths": {"/things": {"post": operation}}, "components": {"schemas": {"Thing": thing}}}


def _change(edit: Callable[[Document, Document], object]) -> list[str]:
    new = copy.deepcopy(small())
    edit(new["paths"]["/things"]["post"], new["components"]["schemas"]["Thing"])
    return breaking(small(), new)


def test_the_same_document_breaks_nothing() -> None:
    assert breaking(small(), small()) == []


def test_a_new_optional_field_breaks_nothing() -> None:
    assert _change(lambda _, thing: thing["properties"].update(c={"type": "string"})) == []


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda o, t: o.update(operationId="createThing"), "makeThing: the operationId is now createThing"),
        (
            lambda o, t: o["parameters"][0].update(required=True),
            "makeThing: the parameter size is now required",
        ),
        (lambda o, t: o["parameters"].clear(), "makeThing: the parameter size is gone"),
        (lambda o, t: t["properties"].pop("b"), "makeThing: the answer field 201/b is gone"),
        (lambda o, t: t["required"].append("b"), "makeThing: the request field /b is now required"),
        (
            lambda o, t: t["properties"]["b"].update(type="string"),
            "makeThing: the answer field 201/b has another type",
        ),
        (lambda o, t: o["responses"].pop("201"), "makeThing: the answer 201 is gone"),
        (
            lambda o, t: o["responses"]["409"].update({"x-codes": []}),
            "makeThing: the error code TOO_LATE is gone",
        ),
    ],
)
def test_what_a_client_relies_on_may_not_go(edit: Any, expected: str) -> None:
    assert expected in _change(edit)


@pytest.mark.parametrize(("required", "found"), [(True, ["makeThing: a body is now required"]), (False, [])])
def test_a_body_where_there_was_none_breaks_only_those_who_must_send_it(
    required: bool, found: list[str]
) -> None:
    old, new = copy.deepcopy(small()), copy.deepcopy(small())
    del old["paths"]["/things"]["post"]["requestBody"]
    new["paths"]["/things"]["post"]["requestBody"]["required"] = required

    assert breaking(old, new) == found


def test_an_operation_that_is_gone_breaks_its_clients() -> None:
    assert breaking(small(), {**small(), "paths": {}}) == ["makeThing: the operation is gone"]


def test_a_change_is_named_by_its_operation_in_the_first_section() -> None:
    changelog = "# Changelog\n\n## Unreleased\n- Breaking: `makeThing` needs `b`.\n\n## 1.0\n"
    assert unnamed(["makeThing: x", "other: y"], changelog) == ["other: y"]


def test_the_document_breaks_nothing_that_the_changelog_does_not_name() -> None:
    changes = breaking(json.loads(RELEASED.read_text()), json.loads(CURRENT.read_text()))
    assert unnamed(changes, CHANGELOG.read_text()) == []
