"""Direct handlers: which routes have one, and that none takes the requests of another route."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from shared.edge.direct import Direct, DirectRoute, direct_routes

FUNCTIONS = Path(__file__).parents[3] / "functions"
APIS = sorted(folder.name for folder in FUNCTIONS.glob("*_api"))


def hot(function: str) -> tuple[FastAPI, Sequence[DirectRoute]]:
    app: FastAPI = importlib.import_module(f"functions.{function}.main").app
    return app, direct_routes(app.routes)


def test_the_hot_routes_have_direct_handlers() -> None:
    found = {one.route.operation_id for function in APIS for one in hot(function)[1]}
    assert found == {"getOrder", "getOffer", "acceptOffer"}


@pytest.mark.parametrize(
    ("changed", "usual"),
    [
        ({}, True),
        ({"headers": [(b"content-length", b"0")]}, True),
        ({"headers": [(b"content-length", b"2")]}, False),
        ({"headers": [(b"transfer-encoding", b"chunked")]}, False),
        ({"query_string": b"a=1"}, False),
        ({"path": "/api/v1/orders/-"}, False),
        ({"path": "/api/v1/orders/ord_1/events"}, False),
        ({"method": "HEAD"}, False),
        ({"root_path": "/x"}, False),
        ({"type": "lifespan"}, False),
    ],
)
def test_a_direct_handler_takes_requests_that_have_nothing_but_a_well_formed_path(
    changed: dict[str, Any], usual: bool
) -> None:
    served = Direct(hot("orders_api")[1], "orders_api")
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/orders/ord_1",
        "query_string": b"",
        "headers": [],
    }
    assert served.serves({**scope, **changed}) is usual


@pytest.mark.parametrize("function", APIS)
def test_no_other_route_has_a_path_that_a_direct_handler_takes(function: str) -> None:
    app, routes = hot(function)
    for one in routes:
        for other in app.routes:
            if isinstance(other, APIRoute) and other is not one.route and _share_a_method(one.route, other):
                assert not one.path.fullmatch(other.path.replace("{", "").replace("}", "")), other.path


def _share_a_method(one: APIRoute, other: APIRoute) -> bool:
    return bool((one.methods or set()) & (other.methods or set()))
