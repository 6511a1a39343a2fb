"""No list without a bound: it has pages, or what it lists was bounded when it was written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from shared.adapters.firestore.database import Query
from shared.adapters.firestore.zones import MAX_PER_CELL
from shared.catalogue.menu_checks import MAX_ITEMS
from shared.catalogue.staff import MAX_STAFF
from shared.identity.queries import MAX_LISTED
from shared.kernel.vehicle import DriverDocument
from shared.orders.substitutions.domain import MAX_SUBSTITUTIONS
from shared.orders.tips.domain import MAX_TIP_RECORDS
from shared.profiles.addresses import MAX_ADDRESSES
from tests.unit.guards.operations import Operation, operations
from tools.docs.openapi.document import TARGET

pytestmark = pytest.mark.mission("A1")

BOUNDED: Mapping[str, int] = {
    "checkServiceArea": MAX_PER_CELL,
    "listAddresses": MAX_ADDRESSES,
    "listDriverRequirements": len(DriverDocument),
    "listSessions": MAX_LISTED,
    "listStaff": MAX_STAFF,
    "listStock": MAX_ITEMS,
    "listSubstitutions": MAX_SUBSTITUTIONS,
    "listTips": MAX_TIP_RECORDS,
}
"""The lists in one part, with the rule that keeps them short."""

MOST = 1_000


def unbounded(found: Iterable[Operation], schemas: Mapping[str, Any]) -> list[str]:
    """Return the lists that have neither pages nor a rule."""
    lists = (one for one in found if _lists(one, schemas))
    return [str(one) for one in lists if not _pages(one) and one.id not in BOUNDED]


def test_every_list_has_pages_or_a_bound_on_what_it_lists() -> None:
    assert unbounded(operations(), _schemas()) == []
    assert all(0 < most <= MOST for most in BOUNDED.values())


def test_pages_have_a_largest_size() -> None:
    sizes = [
        parameter["schema"].get("maximum", 10**9)
        for one in operations()
        for parameter in one.published.get("parameters", ())
        if parameter["name"] == "page_size"
    ]
    assert len(sizes) > 5
    assert max(sizes) <= 100


def test_the_exceptions_are_lists_that_exist() -> None:
    assert set(BOUNDED) <= {one.id for one in operations()}


def test_a_query_that_names_no_limit_has_one() -> None:
    assert 0 < Query("orders").limit <= MOST


def test_the_guard_sees_a_list_without_pages() -> None:
    schemas = {
        "Page": {
            "properties": {"orders": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}
        },
        "Order": {"properties": {"tags": {"type": "array", "items": {"type": "string"}}}},
    }
    answer = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}}
    one: Any = operations()[0].route
    plain = {"operationId": "listOrders", "responses": answer}
    paged = plain | {"parameters": [{"name": "page_size", "schema": {"maximum": 100}}]}

    assert unbounded([Operation("get", "/orders", plain, one)], schemas) == ["listOrders (GET /orders)"]
    assert unbounded([Operation("get", "/orders", paged, one)], schemas) == []


def _schemas() -> Mapping[str, Any]:
    schemas: Mapping[str, Any] = json.loads(TARGET.read_text())["components"]["schemas"]
    return schemas


def _lists(one: Operation, schemas: Mapping[str, Any]) -> bool:
    """Say whether an operation reads a list: by its name, or by an answer that is little but one."""
    if one.method != "get":
        return False
    content = one.published["responses"].get("200", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    fields: Mapping[str, Any] = schemas.get(reference, {}).get("properties", {})
    arrays = [field for field in fields.values() if field.get("type") == "array"]
    return one.id.startswith("list") or (len(arrays) == 1 and len(fields) <= 3)


def _pages(one: Operation) -> bool:
    return any(parameter["name"] == "page_size" for parameter in one.published.get("parameters", ()))
