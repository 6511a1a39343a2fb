"""What in a new API document breaks clients of the last released one.

Breaking: an operation, a success answer, a field of an answer or an own error code is gone; a type has
changed; an operationId has changed; a request has a new required part, or refuses a field or a choice that it
took. `docs/released.json` is the released document; `python -m tools.docs.openapi.compare` lists the changes
and, with `--release`, makes today's document the released one.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
CURRENT, RELEASED = ROOT / "docs" / "openapi.json", ROOT / "docs" / "released.json"
CHANGELOG = ROOT / "CHANGELOG.md"

Document = Mapping[str, Any]
Schema = Mapping[str, Any]


def breaking(old: Document, new: Document) -> list[str]:
    """Return the breaking changes, each as `<operationId>: <what>`, sorted."""
    return sorted(set(_Comparison(old, new).changes()))


def unnamed(changes: list[str], changelog: str) -> list[str]:
    """Return the breaking changes whose operation the changelog's first section does not name as breaking."""
    section = changelog.split("\n## ")[1] if "\n## " in changelog else changelog
    named = [line for line in section.splitlines() if "breaking" in line.lower()]
    return [change for change in changes if not any(f"`{change.split(':')[0]}`" in line for line in named)]


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new

    def changes(self) -> Iterator[str]:
        for path, methods in self._old["paths"].items():
            for method, before in methods.items():
                after = self._new["paths"].get(path, {}).get(method)
                name = before["operationId"]
                found = ["the operation is gone"] if after is None else self._operation(before, after)
                yield from (f"{name}: {change}" for change in found)

    def _operation(self, before: Schema, after: Schema) -> Iterator[str]:
        if before["operationId"] != after["operationId"]:
            yield f"the operationId is now {after['operationId']}"
        yield from self._parameters(before, after)
        if _body(before):
            yield from self._request(_body(before), _body(after))
        elif after.get("requestBody", {}).get("required"):
            yield "a body is now required"
        for status, answer in before["responses"].items():
            now = after["responses"].get(status)
            if now is None and (status < "400" or answer.get("x-codes")):
                yield f"the answer {status} is gone"
            elif now is not None:
                gone = set(answer.get("x-codes", ())) - set(now.get("x-codes", ()))
                yield from (f"the error code {code} is gone" for code in sorted(gone))
                if status < "400":
                    yield from self._answer(_content(answer), _content(now), status)

    def _parameters(self, before: Schema, after: Schema) -> Iterator[str]:
        known = {(one["in"], one["name"]): one for one in before.get("parameters", ())}
        now = {(one["in"], one["name"]): one for one in after.get("parameters", ())}
        for key, one in now.items():
            if one.get("required") and not known.get(key, {}).get("required"):
                yield f"the parameter {key[1]} is now required"
        yield from (f"the parameter {key[1]} is gone" for key in known.keys() - now.keys())

    def _request(self, before: Schema, after: Schema, at: str = "") -> Iterator[str]:
        """Compare what a request may hold; what it may hold now must be no less."""
        old, new = self._resolved(self._old, before), self._resolved(self._new, after)
        if _kind(old) != _kind(new):
            yield f"the request field {at or '/'} has another type"
            return
        fields, now = old.get("properties", {}), new.get("properties", {})
        yield from (f"the request field {at}/{name} is gone" for name in fields.keys() - now.keys())
        required = set(new.get("required", ())) - set(old.get("required", ()))
        yield from (f"the request field {at}/{name} is now required" for name in required)
        gone = set(old.get("enum", ())) - set(new.get("enum", old.get("enum", ())))
        yield from (f"the request field {at} takes no {value} any more" for value in gone)
        for name in fields.keys() & now.keys():
            yield from self._request(fields[name], now[name], f"{at}/{name}")
        if "items" in old and "items" in new:
            yield from self._request(old["items"], new["items"], f"{at}/0")

    def _answer(self, before: Schema, after: Schema, at: str) -> Iterator[str]:
        """Compare what an answer holds; it must hold no less."""
        old, new = self._resolved(self._old, before), self._resolved(self._new, after)
        if _kind(old) != _kind(new):
            yield f"the answer field {at} has another type"
            return
        fields, now = old.get("properties", {}), new.get("properties", {})
        yield from (f"the answer field {at}/{name} is gone" for name in fields.keys() - now.keys())
        for name in fields.keys() & now.keys():
            yield from self._answer(fields[name], now[name], f"{at}/{name}")
        if "items" in old and "items" in new:
            yield from self._answer(old["items"], new["items"], f"{at}/0")

    def _resolved(self, document: Document, schema: Schema) -> Schema:
        """Follow a reference, and of alternatives with null take the other one."""
        if "$ref" in schema:
            return self._resolved(
                document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            )
        choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        return self._resolved(document, choices[0]) if len(choices) == 1 else schema


def _kind(schema: Schema) -> object:
    return schema.get("type", "any" if schema else None)


def _body(operation: Schema) -> Schema:
    return _content(operation.get("requestBody", {}))


def _content(part: Schema) -> Schema:
    schemas: list[Schema] = [media["schema"] for media in part.get("content", {}).values()]
    return schemas[0] if schemas else {}


def main(arguments: list[str]) -> int:
    """List the breaking changes; return 1 where the changelog does not name one."""
    if "--release" in arguments:
        shutil.copy(CURRENT, RELEASED)
        return 0
    changes = breaking(json.loads(RELEASED.read_text()), json.loads(CURRENT.read_text()))
    missing = unnamed(changes, CHANGELOG.read_text())
    for change in changes:
        sys.stdout.write(f"{'not in the changelog' if change in missing else 'named':<22} {change}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
