"""What a route is given besides the request: its context's ports, the time, and new identifiers.

A function's `routes.py` names its own ports once: `Ports = Annotated[OrdersPorts, PORTS]`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from shared.edge.ratelimit import entity_limit
from shared.edge.runtime import EdgeRuntime
from shared.kernel.admission import Admit
from shared.kernel.ids import NewId


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
EntityLimit = Annotated[Admit, Depends(entity_limit)]
"""The limit of the entity that a request is about; the use case takes from it after authorisation."""
