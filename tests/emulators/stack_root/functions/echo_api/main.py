"""A function for the stack's own tests: tells what it was given."""

import os

from functions_framework.aio import http
from starlette.requests import Request
from starlette.responses import JSONResponse


@http
async def echo_api(request: Request) -> JSONResponse:
    """Answer health checks; anywhere else, show the environment."""
    if request.url.path == "/health":
        return JSONResponse({"status": "ok"})
    return JSONResponse({"pid": os.getpid(), "env": dict(os.environ)})
