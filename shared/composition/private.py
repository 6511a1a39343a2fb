"""Functions that the platform alone calls: event, task and scheduler functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from fastapi import APIRouter, FastAPI

from shared.composition.ports import Ports
from shared.composition.runtime import Runtime
from shared.edge import app, events
from shared.edge.events import EventHandler
from shared.edge.settings import Settings
from shared.kernel.event import Event

P = TypeVar("P", bound=Ports)


def create_app(
    name: str,
    *,
    routers: Sequence[APIRouter],
    ports: type[P],
    summary: str = "",
    runtime: Runtime | None = None,
) -> FastAPI:
    """Return the app of a task or scheduler function, which lets only its own invoker in."""
    runtime = runtime or Runtime()
    opened = ports(runtime)
    return app.create_app(
        name,
        summary=summary,
        routers=routers,
        ports=opened,
        runtime=runtime,
        settings=lambda: runtime.settings(Settings),
        dependencies=lambda: opened.dependencies,
        private=True,
    )


def create_event_app(
    name: str,
    handlers: Mapping[type[Event], EventHandler],
    *,
    ports: type[P],
    runtime: Runtime | None = None,
) -> FastAPI:
    """Return the app of an event function, which lets only its own invoker in."""
    runtime = runtime or Runtime()
    opened = ports(runtime)
    return events.create_event_app(
        name,
        handlers,
        ports=opened,
        runtime=runtime,
        settings=lambda: runtime.settings(Settings),
        dependencies=lambda: opened.dependencies,
    )
