"""The merged document of every function that the gateway routes to."""

from __future__ import annotations

import importlib
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

from shared.composition.public import CallerPorts
from shared.edge import auth
from shared.kernel.errors import AmbiguousOutcome, Contended, DomainError
from shared.kernel.idempotency import IdempotencyKeyReused
from shared.manifest import load_all
from tools.docs.openapi import problems
from tools.docs.openapi.examples import add_examples
from tools.docs.openapi.refusals import refusals_of

ROOT = Path(__file__).parents[3]
TARGET = ROOT / "docs" / "openapi.json"

KEY_HEADER = "Idempotency-Key"
CHANGES = frozenset({AmbiguousOutcome, Contended, IdempotencyKeyReused})
"""What only a change can end in: a store that reads and writes is followed as a whole."""


def document(root: Path = ROOT) -> dict[str, Any]:
    """Return the merged document of every function that the gateway routes to."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Waybill", "version": "1", "summary": "A serverless delivery backend."},
        "paths": {},
        "components": {
            "schemas": {"Problem": problems.PROBLEM},
            "securitySchemes": {"firebase": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
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
            operation = own["paths"][route.path_format][method.lower()]
            _complete(operation, name, method, _errors(app, route, served))
    own.get("components", {}).get("schemas", {}).pop("HTTPValidationError", None)
    own.get("components", {}).get("schemas", {}).pop("ValidationError", None)
    return own


def _shown(routes: Sequence[BaseRoute]) -> Iterator[RouteContext]:
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            yield route


def _bare_endpoint(app: Starlette, path: str | None) -> Callable[..., Any]:
    return next(route.endpoint for route in app.routes if isinstance(route, Route) and route.path == path)


def _errors(
    app: Starlette, route: RouteContext, served: Callable[..., Any] | None
) -> frozenset[type[DomainError]]:
    """Return what the handler, its dependencies and the ports behind the sign-in can raise."""
    handlers = [*([served] if served else []), *_calls(route.dependant)]
    if auth.authenticate in handlers:
        handlers += [port for port in vars(app.state)["_state"].values() if callable(port)]
        handlers += [vars(CallerPorts)[port].func for port in ("tokens", "roles", "rate_limiter")]
    return refusals_of(*handlers)


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for inner in dependant.dependencies:
        if inner.call:
            yield inner.call
        yield from _calls(inner)


def _complete(
    operation: dict[str, Any], name: str, method: str, errors: frozenset[type[DomainError]]
) -> None:
    """Say which function serves the operation, who may call it, and every way in which it refuses."""
    operation["x-function"] = name
    if not name.endswith("_webhooks"):
        operation["security"] = [{"firebase": []}]
    parameters = operation.get("parameters", [])
    if method == "GET":
        errors -= CHANGES
    elif not any(one["name"] == KEY_HEADER for one in parameters):
        errors -= {IdempotencyKeyReused}
    operation["responses"].pop("422", None)
    refused = problems.responses(errors, body="requestBody" in operation, parameters=parameters)
    operation["responses"].update(refused)
