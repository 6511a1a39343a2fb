"""Writes `docs/openapi.json`: the OpenAPI 3.1 documents of all public functions as one.

`python -m infra.openapi` writes it; with `--check` it only says (exit 1) whether it is out of date.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from infra.manifest import load_all

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "openapi.json"

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "request_id",
        "timestamp",
        "errors",
    ],
    "properties": {
        "type": {"type": "string", "examples": ["urn:waybill:problem:offer-expired"]},
        "title": {"type": "string", "examples": ["Conflict"]},
        "status": {"type": "integer", "examples": [409]},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "code": {"type": "string", "description": "Stable; what programs should look at."},
        "request_id": {"type": "string", "description": "Quote it when you ask for help."},
        "timestamp": {"type": "string", "format": "date-time"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the request."},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_REFUSAL = {
    "description": "Refused; `code` says why.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def document(root: Path = ROOT) -> dict[str, Any]:
    """Return the merged document of every function that the gateway routes to."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Waybill", "version": "1", "summary": "A serverless delivery backend."},
        "paths": {},
        "components": {
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {"firebase": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    for name, manifest in load_all(root).items():
        if manifest.http:
            _merge(merged, name)
    return merged


def _merge(merged: dict[str, Any], name: str) -> None:
    """Add one function's paths and schemas; a schema name is prefixed where two functions differ."""
    own = _document(name)
    schemas = own.get("components", {}).get("schemas", {})
    known = merged["components"]["schemas"]
    clashes = [key for key, schema in schemas.items() if key in known and known[key] != schema]
    text = json.dumps(own)
    for key in clashes:
        text = text.replace(f'"#/components/schemas/{key}"', f'"#/components/schemas/{name}_{key}"')
    own = json.loads(text)
    for key, schema in own.get("components", {}).get("schemas", {}).items():
        known[f"{name}_{key}" if key in clashes else key] = schema
    for path, operations in own["paths"].items():
        for operation in operations.values():
            _complete(operation, name)
        merged["paths"].setdefault(path, {}).update(operations)


def _document(name: str) -> dict[str, Any]:
    """Return what a function's app tells of itself or, where the app is bare, its `openapi` module."""
    app = importlib.import_module(f"functions.{name}.main").app
    if not isinstance(app, FastAPI):
        app = importlib.import_module(f"functions.{name}.openapi").router
    return get_openapi(title=name, version="1", routes=app.routes)


def _complete(operation: dict[str, Any], name: str) -> None:
    """Say what every operation has in common: the function, the token, the shape of a refusal."""
    operation["x-function"] = name
    responses = operation["responses"]
    if not str(name).endswith("_webhooks"):
        operation["security"] = [{"firebase": []}]
    responses.pop("422", None)
    responses["default"] = _REFUSAL


def main(arguments: list[str]) -> int:
    """Write or check the document; return the exit code."""
    text = json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    if "--check" in arguments:
        if TARGET.exists() and TARGET.read_text() == text:
            return 0
        sys.stderr.write("docs/openapi.json is out of date: run `make openapi`\n")
        return 1
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text)
    sys.stdout.write(f"wrote {TARGET.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
