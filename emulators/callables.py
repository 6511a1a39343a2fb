"""The port of the Functions emulator, and which function answers which callable.

The client SDK calls `http://127.0.0.1:5001/{project}/{region}/{name}` after `connectFunctionsEmulator`, and
`{customDomain}/{name}` in production, where the custom domain is that of the load balancer with `/callable`.
"""

from __future__ import annotations

import json
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.serving import AppServer
from shared.edge.callable import PREFIX


def functions_by_operation(root: Path) -> dict[str, str]:
    """Return the function of each operation below `/api/`, by its `operationId`, from the API document.

    The load balancer routes by the same table. It is empty for a folder without the document.
    """
    document = root / "docs" / "openapi.json"
    if not document.exists():
        return {}
    return {
        operation["operationId"]: operation["x-function"]
        for path, operations in json.loads(document.read_text())["paths"].items()
        for operation in operations.values()
        if path.startswith("/api/")
    }


class FunctionsPort:
    """The Functions emulator on 127.0.0.1, in front of the gateway; port 0 selects a free port.

    Any region is served: `getFunctions(app)` alone names `us-central1`, wherever the functions are.
    """

    def __init__(self, port: int, gateway: ASGIApp, *, project: str) -> None:
        self._gateway = gateway
        self._project = project
        self._server = AppServer(self, port)

    @property
    def url(self) -> str:
        """The base URL while running."""
        return self._server.url

    async def start(self) -> None:
        """Start to answer requests. Idempotent. Raises `OSError` when the port is taken."""
        await self._server.start()

    async def stop(self) -> None:
        """Stop answering. Idempotent."""
        await self._server.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = scope["path"].split("/")
        named = parts[3] if len(parts) == 4 and parts[1] == self._project else ""
        path = f"{PREFIX}{named}"  # without a name it is one that no function has
        await self._gateway({**scope, "path": path, "raw_path": path.encode()}, receive, send)
