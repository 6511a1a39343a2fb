"""Functions that other services call: the signature on the request is the authorisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from fastapi import APIRouter, FastAPI

from shared.composition.ports import Ports
from shared.composition.runtime import Runtime
from shared.edge import app
from shared.edge.settings import Settings

P = TypeVar("P", bound=Ports)


def create_app(
    name: str,
    *,
    routers: Sequence[APIRouter],
    ports: type[P],
    summary: str = "",
    runtime: Runtime | None = None,
) -> FastAPI:
    """Return the app of a webhook function; its routes verify the signature over the raw body."""
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
    )
