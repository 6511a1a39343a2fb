"""Examples for every request and answer, made from the schemas, the facts and the story of one order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.docs.openapi.cast import ASHA, IDS, RAVI
from tools.docs.openapi.facts import facts
from tools.docs.openapi.moments import after
from tools.docs.openapi.story import values

PROBLEMS = "application/problem+json"


def add_examples(document: dict[str, Any]) -> None:
    """Give every JSON body in the document an example, unless it has one."""
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            examples = _Examples(schemas, {**facts(), **values(operation["operationId"])})
            for body in (operation.get("requestBody", {}), *operation["responses"].values()):
                for kind, media in body.get("content", {}).items():
                    if "example" not in media:
                        media["example"] = examples.of(media["schema"])
                    elif kind == PROBLEMS:
                        _set_scene(media["example"], path, operation, examples)


def _set_scene(problem: dict[str, Any], path: str, operation: Mapping[str, Any], examples: _Examples) -> None:
    """Let the example of a problem be one of this operation: its path, and a faulty field of its own."""
    problem["instance"] = re.sub(r"\{(\w+)\}", lambda found: _segment(found[1]), path)
    if problem["errors"]:
        problem["errors"] = [{"pointer": _faulty(operation, examples), "message": "Field required"}]


def _segment(name: str) -> str:
    return {"version": "3", "member": RAVI, "blocked": RAVI}.get(name) or _id(name, "")


def _faulty(operation: Mapping[str, Any], examples: _Examples) -> str:
    """Return the pointer to a field that the operation needs, or else to one that it takes."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        schema = examples.resolved(media["schema"])
        fields = [*schema.get("required", ()), *schema.get("properties", ())]
        if fields:
            return f"/{fields[0]}"
    parameters = operation.get("parameters", ())
    first = next((one for one in parameters if one.get("required")), parameters[0])
    return f"/{first['in']}/{first['name']}"


class _Examples:
    """Makes examples with the usual values of one operation."""

    def __init__(self, schemas: Mapping[str, Any], usual: Mapping[str, Any]) -> None:
        self._schemas, self._usual = schemas, usual

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the schema itself: follow a reference, and of alternatives take the first."""
        if "$ref" in schema:
            return self.resolved(self._schemas[schema["$ref"].rsplit("/", 1)[1]])
        choices: Sequence[Mapping[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or ()
        return self.resolved(choices[0]) if choices else schema

    def of(self, schema: Mapping[str, Any], name: str = "", owner: str = "") -> Any:
        """Return a value that the schema allows, for the field `name` of the object `owner`."""
        if (key := f"{owner}.{name}") in self._usual:
            return self._usual[key]
        found = self.resolved(schema)
        if found.get("type") == "object" and "examples" not in found:
            title = str(found.get("title", ""))
            fields = _properties(found)
            return self._usual.get(title) or {key: self.of(inner, key, title) for key, inner in fields}
        usual = self._usual.get(name, ...)
        if _fits(usual, found) or (usual is None and found is not schema):
            return usual
        if found.get("type") == "array":
            return [self.of(found.get("items", {}), name, owner)] * max(found.get("minItems", 1), 1)
        return _stated(found) or _plain(found, name, owner)


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
        "date-time": after(0),
        "date": "2026-11-20",
        "time": "10:00:00",
        "uri": "https://example.com/image.jpg",
    }
    text = _id(name, of) or formats.get(schema.get("format", ""), name.replace("_", " ") or "text")
    return text[: schema.get("maxLength", len(text))]


def _id(name: str, of: str) -> str:
    """Return an id as Waybill makes them, where the field is one."""
    if name == "uid":
        return ASHA
    thing = of if name == "id" else name.removesuffix("_id") if name.endswith("_id") else ""
    first = re.match("[A-Z]?[a-z]*", thing)
    return IDS.get(first[0].lower(), IDS["item"]) if first and thing else ""


def _fits(value: object, schema: Mapping[str, Any]) -> bool:
    """Say whether a usual value has the type, the choice and the bounds of the schema."""
    kinds: dict[str, tuple[type, ...]] = {
        "array": (list,),
        "boolean": (bool,),
        "integer": (int,),
        "number": (int, float),
        "string": (str,),
    }
    if not isinstance(value, kinds.get(str(schema.get("type")), ())):
        return False
    if value not in schema.get("enum", [value]):
        return False
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return False
    if isinstance(value, str):
        return bool(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)))
    return True
