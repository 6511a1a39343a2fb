"""The gateway in memory: sends a request to the app whose manifest names the longest matching path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.manifest import load_all

MANIFESTS = load_all(Path(__file__).resolve().parents[2])


class Gateway:
    """An ASGI app over the apps of several functions."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = {
            path: app for name, app in apps.items() if (http := MANIFESTS[name].http) for path in http.paths
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = f"{scope['path']}/"
        prefix = max((known for known in self._apps if path.startswith(f"{known}/")), key=len)
        await self._apps[prefix](scope, receive, send)
