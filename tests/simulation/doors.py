"""Who comes in: a run's routes let people in by the same dependencies as the edge does."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from functools import cache, wraps
from types import ModuleType, SimpleNamespace
from typing import Any, get_type_hints

from fastapi import APIRouter, Request
from fastapi.params import Depends
from fastapi.routing import APIRoute

from shared.kernel.actor import Principal
from tests.simulation.deployed import Call, modules
from tests.simulation.runtime import current_runtime
from tests.simulation.served import DOORS, Door


@cache
def guarded(function: str) -> tuple[tuple[ModuleType, str, Call], ...]:
    """Return the routes of a function that not everybody may use: module, name, and the route behind its
    door.

    An actor calls them with the signed-in person; an `Operator` has been let in before.
    """
    return tuple(
        (module, name, _behind(function, route, *door))
        for module in modules(function)
        for name, route in _routes(module)
        if (door := _door(route))
    )


def _routes(module: ModuleType) -> Iterator[tuple[str, Call]]:
    routers = [value for value in vars(module).values() if isinstance(value, APIRouter)]
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and vars(module).get(route.endpoint.__name__) is route.endpoint:
                yield route.endpoint.__name__, route.endpoint


def _door(route: Call) -> tuple[str, Door] | None:
    """Return the argument in which a route takes its caller, and the dependency that it names there."""
    for name, hint in get_type_hints(route, include_extras=True).items():
        for mark in getattr(hint, "__metadata__", ()):
            if isinstance(mark, Depends) and mark.dependency in DOORS:
                return name, mark.dependency
    return None


def _behind(function: str, route: Call, name: str, door: Door) -> Call:
    signature = inspect.signature(route)

    @wraps(route)
    async def admitted(*args: Any, **named: Any) -> Any:
        call = signature.bind(*args, **named)
        who = call.arguments[name]
        if isinstance(who, Principal):
            call.arguments[name] = await door(_request(function), who)
        return await route(*call.args, **call.kwargs)

    return admitted


def _request(function: str) -> Request:
    """Return what a door looks at of a request: the role book of its app."""
    wiring = importlib.import_module(f"functions.{function}.wiring")
    state = SimpleNamespace(roles=lambda: wiring.roles(), runtime=current_runtime.get())
    return SimpleNamespace(app=SimpleNamespace(state=state))  # type: ignore[return-value]
