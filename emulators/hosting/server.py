"""The port of Firebase Hosting: files of the public folder, and rewrites into the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.hosting import config
from emulators.serving import AppServer

INIT = "/__/firebase/init.json"
"""Where Hosting tells a page which project it belongs to."""


class Hosting:
    """Firebase Hosting on 127.0.0.1; port 0 selects a free port.

    The API answers below the pages' own origin, so that they call it without CORS. `api` is the gateway,
    which finds the function of a path as the rewrites of `firebase.json` do.
    """

    def __init__(self, port: int, firebase_json: Path, api: ASGIApp, *, project: str) -> None:
        self._config = config.read(firebase_json)
        self._pages = StaticFiles(directory=self._config.public, html=True)
        self._api = api
        self._init = _app_config(project)
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
        if self._config.service(scope["path"]):
            await self._api(scope, receive, send)
            return
        response = await self._page(scope)
        response.headers.update(self._config.headers)
        await response(scope, receive, send)

    async def _page(self, scope: Scope) -> Response:
        if scope["path"] == INIT:
            return JSONResponse(self._init)
        try:
            return await self._pages.get_response(self._pages.get_path(scope), scope)
        except HTTPException as error:
            return PlainTextResponse(f"{error.detail}\n", error.status_code)


def _app_config(project: str) -> Mapping[str, str]:
    """Return what `initializeApp` of the client SDK takes; the emulators accept any key."""
    return {
        "projectId": project,
        "apiKey": "demo",
        "authDomain": f"{project}.firebaseapp.com",
        "storageBucket": f"{project}.firebasestorage.app",
    }
