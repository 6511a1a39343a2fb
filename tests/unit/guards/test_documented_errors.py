"""The document lists for an operation what its route and its dependencies declare: nothing is guessed."""

from __future__ import annotations

import json
import re

import pytest

from shared.edge.errors import CODES
from shared.edge.refusals import refusals_of
from shared.edge.schemas import InvalidPageToken
from tests.unit.edge.public_errors import FROZEN
from tests.unit.guards.operations import Operation, calls_of, operations
from tools.docs.openapi.problems import extension

pytestmark = pytest.mark.mission("L3")

KNOWN = {line.split()[0] for line in FROZEN.read_text().splitlines()}
GUESSED = {
    "confirmOrder": ("NOT_AT_THE_DOOR", "CURRENCY_MISMATCH"),
    "getOrder": ("DOCUMENT_REFUSED",),
}
"""What the syntax tree of an earlier release suggested for two operations."""


def documented(one: Operation) -> set[str]:
    """Return the error codes that the document names with an operation."""
    refused = {
        status: said for status, said in one.published["responses"].items() if not status.startswith("2")
    }
    return set(re.findall(r"[A-Z][A-Z0-9_]+", json.dumps(refused))) & KNOWN


def declared(one: Operation) -> set[str]:
    """Return the codes that a route, its dependencies and the edge declare."""
    routes = [one.route.endpoint, *calls_of(one.route)]
    return {error.code for call in routes if call for error in refusals_of(call)}


@pytest.mark.parametrize("name", GUESSED)
def test_fault_18_an_operation_documents_no_error_that_it_cannot_end_in(name: str) -> None:
    [one] = [one for one in operations() if one.id == name]

    assert documented(one) & set(GUESSED[name]) == set()
    assert documented(one) & declared(one)


def test_fault_18_every_documented_error_is_declared_on_the_route_or_by_what_it_depends_on() -> None:
    common = set(re.findall(r"[A-Z][A-Z0-9_]+", json.dumps(extension()))) & KNOWN | set(CODES.values())
    guessed = {
        str(one): documented(one) - declared(one) - common - _of_parameters(one)
        for one in operations()
        if one.id != BARE
    }

    assert {name: codes for name, codes in guessed.items() if codes} == {}


def _of_parameters(one: Operation) -> set[str]:
    """Return the codes that follow from a parameter, on whatever route it is."""
    names = {parameter["name"] for parameter in one.published.get("parameters", ())}
    return {InvalidPageToken.code} if "page_token" in names else set()


BARE = "reportPositions"
"""Its route in the document is not the one that serves it."""
