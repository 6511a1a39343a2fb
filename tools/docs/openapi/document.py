"""The merged document of every function that the gateway routes to."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from shared.edge import auth, callers, idempotency
from shared.edge.etags import is_conditional
from shared.edge.refusals import refusals_of
from shared.manifest import load_all
from tools.docs.openapi import problems
from tools.docs.openapi.examples import add_examples
from tools.docs.openapi.tags import TAGS

ROOT = Path(__file__).parents[3]
TARGET = ROOT / "docs" / "openapi.json"

SERVERS = [
    {
        "url": "{origin}",
        "description": "Your installation; the default is the local stack of `make up`.",
        "variables": {"origin": {"default": "http://127.0.0.1:8787"}},
    }
]
SECURITY = {
    "firebase": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An ID token of Firebase Authentication: `user.getIdToken()` of the client SDK.",
    }
}
CALLABLES = """\
## Firebase callables

Every operation below `/api` is also a Firebase callable: `httpsCallable(functions, "placeOrder")` of the
client SDK takes one object with the values of path, query and body, `idempotency_key` and `if_match`, and
returns the answer. `docs/browser-apps.md` describes it."""


def document(root: Path = ROOT) -> dict[str, Any]:
    """Return the merged document of every function that the gateway routes to."""
    shared = problems.components()
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Waybill",
            "version": "1",
            "summary": "A serverless delivery backend.",
            "description": f"{problems.introduction()}\n\n{CALLABLES}",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": SERVERS,
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": {},
        "components": {
            "schemas": shared["schemas"],
            "responses": shared["responses"],
            "securitySchemes": SECURITY,
        },
        "x-common-codes": problems.extension(),
    }
    for name, manifest in load_all(root).items():
        if manifest.http:
            _merge(merged, name)
    add_examples(merged)
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
        merged["paths"].setdefault(path, {}).update(operations)


def _document(name: str) -> dict[str, Any]:
    """Return what a function's app tells of itself or, where the app is bare, its `openapi` module."""
    app = importlib.import_module(f"functions.{name}.main").app
    bare = not isinstance(app, FastAPI)
    routes = importlib.import_module(f"functions.{name}.openapi").router.routes if bare else app.routes
    own = get_openapi(title=name, version="1", routes=routes)
    for route in _shown(routes):
        served = _bare_endpoint(app, route.path) if bare else route.endpoint
        for method in route.methods or ():
            _complete(own["paths"][route.path_format][method.lower()], name, route, served)
    own.get("components", {}).get("schemas", {}).pop("HTTPValidationError", None)
    own.get("components", {}).get("schemas", {}).pop("ValidationError", None)
    return own


def _shown(routes: Sequence[BaseRoute]) -> Iterator[RouteContext]:
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            yield route


def _bare_endpoint(app: Starlette, path: str | None) -> Callable[..., Any]:
    return next(route.endpoint for route in app.routes if isinstance(route, Route) and route.path == path)


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for inner in dependant.dependencies:
        if inner.call:
            yield inner.call
        yield from _calls(inner)


def _complete(
    operation: dict[str, Any], name: str, route: RouteContext, served: Callable[..., Any] | None
) -> None:
    """Say what the operation does, who may call it and how it refuses.

    The first line of the handler's docstring is the summary, the rest the description.
    """
    calls = [*_calls(route.dependant)]
    summary, _, text = inspect.cleandoc(getattr(route.endpoint, "__doc__", None) or "").partition("\n")
    operation["summary"] = summary.rstrip(".")
    operation["description"] = " ".join(text.split()) or summary
    operation["x-function"] = name
    if callers.authenticate in calls:
        operation["security"] = [{"firebase": []}]
    kind = {error for call in calls for error in refusals_of(call)}
    if auth.EmailNotVerified in kind:
        operation["x-needs-verified"] = True
    if idempotency.required_key in calls:
        _require(operation, "Idempotency-Key")
    if served and is_conditional(served):
        _condition(operation)
    operation["responses"].pop("422", None)
    operation["responses"].update(
        problems.responses(
            refusals_of(served) if served else (),
            kind,
            signed_in=callers.authenticate in calls,
            body="requestBody" in operation,
            parameters=operation.get("parameters", []),
        )
    )


def _condition(operation: dict[str, Any]) -> None:
    """Describe the entity tag of a document, and how a caller asks whether it has changed."""
    schema = {"type": "string", "maxLength": 4_000}
    described = "The `ETag` of an earlier answer; the answer is 304 while it is still current."
    parameter = {"name": "If-None-Match", "in": "header", "required": False, "schema": schema}
    operation.setdefault("parameters", []).append({**parameter, "description": described})
    tag = {
        "schema": {"type": "string"},
        "description": "For `If-None-Match`, and for `If-Match` of an edit.",
    }
    operation["responses"]["200"].setdefault("headers", {})["ETag"] = tag
    operation["responses"]["304"] = {"description": "The document has not changed.", "headers": {"ETag": tag}}


def _require(operation: dict[str, Any], header: str) -> None:
    """Mark a header as required: FastAPI sees an optional one, since its absence has an error of its own."""
    for parameter in operation["parameters"]:
        if parameter["name"] == header:
            parameter.update(required=True, schema={"type": "string", "minLength": 1, "maxLength": 255})
