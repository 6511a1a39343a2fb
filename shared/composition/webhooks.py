"""Functions that other services call: the signature on the request is the authorisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from starlette.applications import Starlette
from starlette.routing import Route

from shared.composition.ports import Ports
from shared.composition.runtime import Runtime
from shared.edge.bare import create_bare_app
from shared.edge.settings import Settings

P = TypeVar("P", bound=Ports)


def create_app(
    name: str, *, routes: Sequence[Route], ports: type[P], runtime: Runtime | None = None
) -> Starlette:
    """Return the bare app of a webhook function; its routes verify the signature over the raw body."""
    runtime = runtime or Runtime()
    opened = ports(runtime)
    return create_bare_app(
        name,
        unread=routes,
        ports=opened,
        runtime=runtime,
        settings=lambda: runtime.settings(Settings),
        dependencies=lambda: opened.dependencies,
    )
