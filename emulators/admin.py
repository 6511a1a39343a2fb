"""The stack's private port: keys of the identity provider, readiness, counters, forced job runs, slowness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.oidc import Signer
from emulators.scheduler import Scheduler
from emulators.slowness import Slowness


class Admin:
    """The routes of the private port; `counters` gives the counts of all parts.

    `slowness` is what the emulators look at; without `slow_firestore`, commits do not pass through it.
    """

    def __init__(
        self,
        signer: Signer,
        scheduler: Scheduler,
        counters: Callable[[], dict[str, Any]],
        slowness: Slowness,
        *,
        slow_firestore: bool = False,
    ) -> None:
        self.ready = False
        self._signer = signer
        self._scheduler = scheduler
        self._counters = counters
        self._slowness = slowness
        self._slow_firestore = slow_firestore

    def app(self) -> Starlette:
        """Return the application that serves the routes."""
        return Starlette(
            routes=[
                Route("/oidc/jwks.json", self._jwks),
                Route("/oidc/.well-known/openid-configuration", self._discovery),
                Route("/ready", self._readiness),
                Route("/counters", self._count),
                Route("/slowness", self._slow_down, methods=["PUT"]),
                Route("/scheduler/jobs/{key:path}/run", self._run_job, methods=["POST"]),
            ]
        )

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse(self._signer.jwks())

    async def _discovery(self, _: Request) -> Response:
        issuer = self._signer.issuer
        return JSONResponse(
            {
                "issuer": issuer,
                "jwks_uri": f"{issuer}/jwks.json",
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
            }
        )

    async def _readiness(self, _: Request) -> Response:
        if self.ready:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "starting"}, status_code=503)

    async def _count(self, _: Request) -> Response:
        return JSONResponse(self._counters())

    async def _slow_down(self, request: Request) -> Response:
        """Set the whole slowness from now on: what the body leaves out is not slow."""
        try:
            wanted = Slowness.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        if wanted.commit and not self._slow_firestore:
            return JSONResponse({"error": "start the stack with slow_firestore"}, status_code=409)
        for name, seconds in wanted:
            setattr(self._slowness, name, seconds)
        return JSONResponse(wanted.model_dump())

    async def _run_job(self, request: Request) -> Response:
        """Run a job; answer 200 when it succeeded, 502 when it failed."""
        key = request.path_params["key"]
        try:
            run = await self._scheduler.run(key)
        except KeyError:
            return JSONResponse({"error": f"there is no job {key}"}, status_code=404)
        content = {"status": run.status, "error": run.error}
        return JSONResponse(content, status_code=200 if run.succeeded else 502)
