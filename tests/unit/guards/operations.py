"""The operations of the published document with the code that serves them: what the guards look at."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from shared.edge import auth
from shared.manifest import load_all
from tools.docs.openapi.document import ROOT, TARGET

LEVELS: Mapping[Any, str] = {
    auth._active_user: "ActiveUser",
    auth._active_verified_user: "ActiveVerifiedUser",
    auth._recent_mfa_user: "RecentMfaUser",
    auth._support: "Support",
    auth._admin: "Admin",
}
"""The dependencies that read the account's status: an active user, or more."""


@dataclass(frozen=True)
class Operation:
    """One operation as published, and the route that serves it."""

    method: str
    path: str
    published: Mapping[str, Any]
    route: RouteContext

    @property
    def id(self) -> str:
        """Return the operation id."""
        return str(self.published["operationId"])

    @property
    def mutates(self) -> bool:
        """Say whether the operation may change something."""
        return self.method != "get"

    @property
    def levels(self) -> frozenset[str]:
        """Return the levels of authentication that the route depends on."""
        return levels_of(self.route)

    def __str__(self) -> str:
        return f"{self.id} ({self.method.upper()} {self.path})"


@cache
def operations() -> tuple[Operation, ...]:
    """Return every operation of the published document.

    Raises `LookupError` for one that no function serves.
    """
    routes = {getattr(route.original_route, "operation_id", ""): route for route in _routes()}
    paths = json.loads(TARGET.read_text())["paths"]
    return tuple(
        Operation(method, path, published, routes[published["operationId"]])
        for path, methods in paths.items()
        for method, published in methods.items()
    )


def levels_of(route: RouteContext) -> frozenset[str]:
    """Return the levels of authentication that a route depends on."""
    return frozenset(LEVELS[call] for call in _calls(route.dependant) if call in LEVELS)


def _routes() -> Iterator[RouteContext]:
    for name, manifest in load_all(ROOT).items():
        if manifest.http:
            app = importlib.import_module(f"functions.{name}.main").app
            bare = not isinstance(app, FastAPI)
            served = (
                importlib.import_module(f"functions.{name}.openapi").router.routes if bare else app.routes
            )
            for route in iter_route_contexts(served):
                if isinstance(route.original_route, APIRoute) and route.include_in_schema:
                    yield route


def calls_of(route: RouteContext) -> tuple[Callable[..., Any], ...]:
    """Return all that a route depends on."""
    return tuple(_calls(route.dependant))


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for inner in dependant.dependencies:
        if inner.call:
            yield inner.call
        yield from _calls(inner)
