"""The published document says what the functions serve."""

from __future__ import annotations

import json

from infra.openapi import TARGET, document, main


def test_the_committed_document_is_that_of_the_code() -> None:
    assert main(["--check"]) == 0


def test_every_operation_names_its_function_and_its_refusals() -> None:
    operations = [op for path in document()["paths"].values() for op in path.values()]

    assert len(operations) > 30
    for operation in operations:
        assert operation["x-function"]
        assert operation["responses"]["default"]["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }


def test_a_bare_functions_description_names_just_the_routes_that_it_serves() -> None:
    from functions.tracking_api import openapi
    from functions.tracking_api.routes import routes

    assert {route.path for route in routes} == {str(getattr(r, "path", "")) for r in openapi.router.routes}


def test_every_reference_resolves() -> None:
    schemas = json.loads(TARGET.read_text())["components"]["schemas"]
    named = {part.split('"')[0] for part in TARGET.read_text().split("#/components/schemas/")[1:]}

    assert named <= set(schemas)
