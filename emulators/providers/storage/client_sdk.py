"""What `firebase/storage` of the client SDK reaches: every request is refused, as `storage.rules` says.

Reference: the requests of the SDK, `packages/storage/src/implementation/requests.ts` of firebase-js-sdk.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def routes() -> list[Route]:
    """Return the paths of the SDK. Rules that allow something would need an emulator that reads them."""
    return [
        Route("/v0/b/{bucket}/o", _denied, methods=METHODS),
        Route("/v0/b/{bucket}/o/{name:path}", _denied, methods=METHODS),
    ]


async def _denied(_: Request) -> Response:
    return JSONResponse({"error": {"code": 403, "message": "Permission denied."}}, 403)
