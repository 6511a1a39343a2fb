"""What a route is given besides the request: its context's ports, the time, and new identifiers.

A function's `routes.py` names its own ports once: `Ports = Annotated[OrdersPorts, PORTS]`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from shared.kernel.clock import Clock
from shared.kernel.ids import NewId


class EdgeRuntime(Protocol):
    """What the edge needs of the process's runtime."""

    clock: Clock
    new_id: NewId


async def ports_of(request: Request) -> Any:
    """Return the ports of the function that serves the request."""
    return request.app.state.ports


async def now_of(request: Request) -> datetime:
    """Return the time at which the request is served."""
    runtime: EdgeRuntime = request.app.state.runtime
    return runtime.clock()


async def new_id_of(request: Request) -> NewId:
    """Return the maker of identifiers."""
    runtime: EdgeRuntime = request.app.state.runtime
    return runtime.new_id


PORTS = Depends(ports_of)
Now = Annotated[datetime, Depends(now_of)]
NewIds = Annotated[NewId, Depends(new_id_of)]
