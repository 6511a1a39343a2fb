"""The least that a function can do."""

from __future__ import annotations

import functions_framework.aio
from starlette.requests import Request


@functions_framework.aio.http
async def ok(_: Request) -> str:
    """Answer."""
    return "ok"
