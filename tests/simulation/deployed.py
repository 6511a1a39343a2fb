"""The functions as their folders describe them: what feeds each, and how often it is tried."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Coroutine, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel

from emulators.cron import Cron
from shared.edge.events import EventHandler
from shared.kernel.event import Event
from shared.manifest import TaskTrigger, load_all
from tests.simulation.served import call_of, handler_of

SOONER: Mapping[str, str] = {
    "verification_cron sweep-documents": "*/2 * * * *",
    "orders_cron place-occurrences": "* * * * *",
}
"""Jobs of a day or an hour, which a run of minutes would never see."""

MANIFESTS = load_all(Path(__file__).resolve().parents[2])
SUBSCRIBERS = {
    topic: [name for name, m in MANIFESTS.items() if topic in [event.topic for event in m.events]]
    for topic in sorted({event.topic for m in MANIFESTS.values() for event in m.events})
}
Call = Callable[..., Coroutine[Any, Any, Any]]
Handlers = Mapping[str, tuple[type[Event], EventHandler]]
"""By the type of an event: its class, and what the function does with it."""


@cache
def modules(function: str) -> tuple[ModuleType, ...]:
    """Return the modules in which a function's routes and handlers stand."""
    package = importlib.import_module(f"functions.{function}")
    names = [found.name for found in pkgutil.iter_modules(package.__path__)]
    wanted = [name for name in names if name.endswith(("routes", "handlers"))]
    return tuple(importlib.import_module(f"functions.{function}.{name}") for name in wanted)


@cache
def handlers(function: str) -> Handlers:
    """Return what a function does with events."""
    found: Mapping[type[Event], EventHandler] = next(
        module.HANDLERS for module in modules(function) if hasattr(module, "HANDLERS")
    )
    return {event.TYPE: (event, handler_of(function, handler)) for event, handler in found.items()}


@cache
def jobs() -> Mapping[str, tuple[Cron, Call]]:
    """Return the scheduler's jobs by function and path."""
    return {
        label: (Cron.parse(SOONER.get(label, job.cron)), call_of(name, _routes(name)[job.path]))
        for name, manifest in MANIFESTS.items()
        for job in manifest.schedule
        for label in [f"{name} {job.path.rpartition('/')[2]}"]
    }


@cache
def tasks() -> Mapping[str, tuple[str, TaskTrigger, Call]]:
    """Return, by path, the function that a task is for, its queue's limits, and its route."""
    return {
        path: (name, manifest.tasks, route)
        for name, manifest in MANIFESTS.items()
        if manifest.tasks
        for path, route in _routes(name).items()
        if path.startswith("/tasks/")
    }


def limits(path: str) -> TaskTrigger:
    """Return how the queue of a task's path repeats."""
    return tasks()[path][1] if path in tasks() else TaskTrigger(queue="unknown")


def call_with(function: str, route: Call, body: Mapping[str, Any]) -> Coroutine[Any, Any, Any]:
    """Call a task's route with the body, as FastAPI would."""
    hints = get_type_hints(route)
    models = [hint for hint in hints.values() if isinstance(hint, type) and issubclass(hint, BaseModel)]
    models = [model for model in models if model is not hints.get("return")]
    return call_of(function, route)(*(model.model_validate(dict(body)) for model in models))


@cache
def operations() -> Mapping[tuple[str, str], str]:
    """Return the function of each operation of the API, by its method and the template of its path."""
    return {
        (method, route.path): name
        for name in MANIFESTS
        if name.endswith("_api")
        for route in _api_routes(name)
        for method in route.methods or ()
    }


def _routes(function: str) -> Mapping[str, Call]:
    return {route.path: route.endpoint for route in _api_routes(function)}


@cache
def _api_routes(function: str) -> list[APIRoute]:
    routers = [
        value
        for module in modules(function)
        for value in vars(module).values()
        if isinstance(value, APIRouter)
    ]
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
