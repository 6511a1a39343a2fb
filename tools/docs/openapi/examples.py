"""Examples for every request and answer, made from the schemas and what their fields usually hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.docs.openapi.story import values

USUAL: Mapping[str, object] = {
    "cancellation_fee": 0,
    "discount": 0,
    "small_order_fee": 0,
    "address": "12 Church Street, Bengaluru 560001",
    "at": "2026-11-20T12:30:00Z",
    "body": "Ravi has your order and is on the way.",
    "captured": 41_000,
    "category": "South Indian",
    "closes": "22:30",
    "comment": "Quick and friendly.",
    "code": "492817",
    "currency": "INR",
    "date": "2026-12-25",
    "delivery_fee": 3_200,
    "distance_m": 2_840,
    "email": "asha@example.com",
    "eta_minutes": 32,
    "expires_on": "2027-06-30",
    "fulfilment": "confirmed",
    "items": 36_000,
    "label": "Home",
    "LineView.name": "Masala dosa",
    "LineView.total": 36_000,
    "MenuItemRequest.name": "Masala dosa",
    "MenuItemView.name": "Masala dosa",
    "language": "en",
    "lat": 12.9756,
    "lng": 77.6068,
    "merchant_name": "Asha's Kitchen",
    "menu_version": 3,
    "name": "Asha's Kitchen",
    "next_page_token": "",
    "note": "Please ring twice.",
    "opens": "09:00",
    "phone": "+919876543210",
    "prep_minutes": 20,
    "price": 18_000,
    "quantity": 2,
    "rating": 4.6,
    "rating_count": 212,
    "rating_stars": [4, 3, 10, 40, 155],
    "reason": "I ordered twice.",
    "refunded": 0,
    "size": 482_133,
    "stars": 5,
    "tax": 1_800,
    "text": "masala dosa",
    "tip": 0,
    "title": "Your order is on its way",
    "total": 41_000,
    "unit_price": 18_000,
    "version": 3,
}
"""By the name of a field, or of its object and the field: what a reader would expect to see there."""

ABSENT = frozenset({"delayed_since", "failure", "scheduled_for", "paused_until", "reason"})
"""Fields that most answers leave null."""

AROUND = [[[77.58, 12.95], [77.66, 12.95], [77.66, 13.0], [77.58, 13.0], [77.58, 12.95]]]
"""A ring of GeoJSON positions, longitude first."""

PEOPLE = ("uid", "customer_id", "driver_id", "owner_id", "author_id", "subject_id", "actor")
IDS: Mapping[str, str] = {
    "device": "dev_4hTz9XcVw2RqLb7NkMy5Gd",
    "document": "doc_0c5b1e9a3f48624c8b7e15d2a90f367d",
    "driver": "pQ8sLrNvYd",
    "item": "itm_2wLkXq8VbNz5TcRm9HpYd3",
    "menu": "itm_2wLkXq8VbNz5TcRm9HpYd3",
    "merchant": "mer_5vXq2LkPz8RtWc1NhYb7Gd",
    "nearby": "mer_5vXq2LkPz8RtWc1NhYb7Gd",
    "offer": "off_3nWq8VbKx5TzRc2LmYp9Hd_1",
    "order": "ord_3nWq8VbKx5TzRc2LmYp9Hd",
    "payment": "pay_9kTz4XcVw2RqLb7NhMy5Gd",
    "quote": "quo_7rLp3NvWx9KzTc4QhMb2Yd",
    "review": "rev_6mKz1PvWx4RtNc8QhLb3Yd",
    "substitution": "sub_8nWq4VbKx2TzRc6LmYp3Hd",
    "tip": "tip_7d0c5b1e9a3f48624c8b7e15d2a90f36",
}
"""By the first word of what the id is of."""


def add_examples(document: dict[str, Any]) -> None:
    """Give every JSON body in the document an example, unless it has one."""
    schemas = document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            usual = {**USUAL, **values(operation["operationId"])}
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for body in bodies:
                for media in body.get("content", {}).values():
                    if "example" not in media:
                        media["example"] = _Examples(schemas, usual).of(media["schema"])


class _Examples:
    """Makes examples with the usual values of one operation."""

    def __init__(self, schemas: Mapping[str, Any], usual: Mapping[str, object]) -> None:
        self._schemas, self._usual = schemas, usual

    def of(self, schema: Mapping[str, Any], name: str = "", owner: str = "") -> Any:
        """Return a value that the schema allows, for the field `name` of the object `owner`."""
        if "$ref" in schema:
            return self._referred(schema["$ref"].rsplit("/", 1)[1], name, owner)
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return self._chosen(choices, name, owner)
        if schema.get("type") == "object" and "examples" in schema:
            return schema["examples"][0]
        if schema.get("type") == "object":
            title = str(schema.get("title", ""))
            return {key: self.of(inner, key, title) for key, inner in _properties(schema)}
        if name == "coordinates":
            return AROUND
        if schema.get("type") == "array":
            count = max(schema.get("minItems", 1), 1)
            return [self.of(schema.get("items", {}), name, owner)] * count
        usual = self._usual.get(f"{owner}.{name}", self._usual.get(name))
        if _fits(usual, schema):
            return usual
        return _stated(schema) or _plain(schema, name, owner)

    def _referred(self, schema: str, name: str, owner: str) -> Any:
        usual = self._usual.get(f"{owner}.{name}")
        choices = self._schemas[schema].get("enum", ())
        return usual if usual in choices else self.of(self._schemas[schema], name, owner)

    def _chosen(self, choices: Sequence[Mapping[str, Any]], name: str, owner: str) -> Any:
        """Return null where the story has none, or the field is usually absent; else the first choice."""
        key = f"{owner}.{name}"
        absent = self._usual[key] is None if key in self._usual else name in ABSENT
        if absent and {"type": "null"} in choices:
            return None
        return self.of(choices[0], name, owner)


def _properties(schema: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    found: Mapping[str, Any] = schema.get("properties", {})
    return found.items()


def _stated(schema: Mapping[str, Any]) -> Any:
    """Return what the schema itself names: its constant, first example, first choice or default."""
    return schema.get("const") or (schema.get("examples") or schema.get("enum") or [schema.get("default")])[0]


def _plain(schema: Mapping[str, Any], name: str, of: str) -> Any:
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return max(schema.get("minimum", 0), schema.get("exclusiveMinimum", 0) + 1, 1)
    if kind == "boolean":
        return True
    return _string(schema, name, of) if kind == "string" else None


def _string(schema: Mapping[str, Any], name: str, of: str) -> str:
    formats = {
        "date-time": str(USUAL["at"]),
        "date": "2026-11-20",
        "time": "10:00:00",
        "uri": "https://example.com/image.jpg",
    }
    text = _id(name, of) or formats.get(schema.get("format", ""), name.replace("_", " ") or "text")
    return text[: schema.get("maxLength", len(text))]


def _id(name: str, of: str) -> str:
    """Return an id as Waybill makes them, where the field is one."""
    if name in PEOPLE:
        return IDS["driver"] if name == "driver_id" else "kZ3tVbQmXw"
    thing = of if name == "id" else name.removesuffix("_id") if name.endswith("_id") else ""
    first = re.match("[A-Z]?[a-z]*", thing)
    return IDS.get(first[0].lower(), IDS["item"]) if first and thing else ""


def _fits(value: object, schema: Mapping[str, Any]) -> bool:
    """Say whether a usual value has the type, the choice and the bounds of the schema."""
    kinds: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float)}
    if not isinstance(value, kinds.get(str(schema.get("type")), ())):
        return False
    if value not in schema.get("enum", [value]):
        return False
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return False
    if isinstance(value, str):
        return bool(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)))
    return True
