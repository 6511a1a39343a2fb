"""Functions that apps call: signed-in users, under rate limits that all instances share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from fastapi import APIRouter, FastAPI

from shared.composition.copies import CopyPorts
from shared.composition.ports import Ports
from shared.composition.runtime import Runtime
from shared.edge import app
from shared.edge.ratelimit import RateLimiter
from shared.edge.settings import Settings
from shared.edge.shares import Shares
from shared.identity.ports import RoleStore

if TYPE_CHECKING:
    from shared.adapters.firebase_auth import FirebaseTokens

P = TypeVar("P", bound=Ports)


class CallerPorts(CopyPorts):
    """What the edge asks about a caller: the token, the account, the rate limits."""

    @cached_property
    def tokens(self) -> FirebaseTokens:
        """Return the verifier of ID tokens."""
        from shared.adapters.firebase_auth import FirebaseTokens

        settings = self.runtime.settings(Settings)
        return FirebaseTokens(settings.google_cloud_project, settings.firebase_auth_emulator_host)

    @cached_property
    def roles(self) -> RoleStore:
        """Return the roles and the account status of people."""
        from shared.adapters.firestore.accounts import CopiedRoles, FirestoreRoles

        return CopiedRoles(self.copies, FirestoreRoles(self.database))

    @cached_property
    def rate_limiter(self) -> RateLimiter:
        """Return the rate limiter."""
        from shared.adapters.redis_ratelimit import RedisBuckets

        buckets, clock = RedisBuckets(self.redis_pipeline), self.runtime.clock
        return RateLimiter(buckets, self.runtime.settings(Settings), shares=Shares(buckets, clock))


def create_app(
    name: str,
    *,
    routers: Sequence[APIRouter],
    ports: type[P],
    summary: str = "",
    runtime: Runtime | None = None,
) -> FastAPI:
    """Return the app of a public function; its routers' routes say which callers they admit."""
    runtime = runtime or Runtime()
    opened, callers = ports(runtime), CallerPorts(runtime)
    return app.create_app(
        name,
        summary=summary,
        routers=routers,
        ports=opened,
        runtime=runtime,
        settings=lambda: runtime.settings(Settings),
        tokens=lambda: callers.tokens,
        roles=lambda: callers.roles,
        rate_limiter=lambda: callers.rate_limiter,
        dependencies=lambda: {**callers.dependencies, **opened.dependencies},
    )
