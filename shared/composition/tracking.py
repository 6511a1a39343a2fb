"""The ports and the app of `tracking_api`, which loads neither FastAPI nor, at first, the database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from shared.composition.ports import DatabasePorts
from shared.composition.redis import RedisPorts
from shared.composition.runtime import Runtime
from shared.edge.bare import create_bare_app
from shared.edge.health import Dependencies, Dependency
from shared.edge.local_buckets import LocalBuckets
from shared.edge.ratelimit import RateLimiter
from shared.edge.settings import Settings
from shared.identity.ports import RoleStore
from shared.kernel.access import AccountStatus
from shared.tracking.domain import DriverAvailability
from shared.tracking.ports import DriverRecords, Positions

if TYPE_CHECKING:
    from shared.adapters.firebase_auth import FirebaseTokens


class TrackingPorts(DatabasePorts, RedisPorts):
    """The driver location index and, when it has lost a driver, the drivers' records."""

    @cached_property
    def positions(self) -> Positions:
        """Return the driver location index."""
        from shared.adapters.redis_positions import RedisPositions

        return self.runtime.external("driver positions", lambda: RedisPositions(self.redis_pipeline))

    @cached_property
    def drivers(self) -> DriverRecords:
        """Return the drivers' records; the first look-up opens the database."""
        return _LateDriverRecords(self)

    @cached_property
    def records(self) -> DriverRecords:
        """Return the drivers' records over the database."""
        from shared.adapters.firestore.tracking import FirestoreDriverRecords

        return FirestoreDriverRecords(self.database)

    @cached_property
    def tokens(self) -> FirebaseTokens:
        """Return the verifier of ID tokens."""
        from shared.adapters.firebase_auth import FirebaseTokens

        settings = self.runtime.settings(Settings)
        return FirebaseTokens(settings.google_cloud_project, settings.firebase_auth_emulator_host)

    @cached_property
    def roles(self) -> RoleStore:
        """Return the account status of people, kept for a short time: most reports read no document."""
        from shared.adapters.redis_statuses import CachedRoles, RedisStatusCache

        cache = self.runtime.external("status cache", lambda: RedisStatusCache(self.redis_pipeline))
        return CachedRoles(cache, _LateRoles(self))

    @cached_property
    def stored_roles(self) -> RoleStore:
        """Return the account status of people over the database."""
        from shared.adapters.firestore.accounts import FirestoreRoles

        return FirestoreRoles(self.database)

    @cached_property
    def rate_limiter(self) -> RateLimiter:
        """Return the rate limiter of this process alone: a report may cost one round trip."""
        return RateLimiter(LocalBuckets(), self.runtime.settings(Settings))

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` asks; the database is needed only when Redis has lost a driver."""
        database = Dependency(self.database.ping, needed=False)
        return {**super().dependencies, "firestore": database}


class _LateDriverRecords:
    """`DriverRecords` that opens the database on the first look-up: most instances never need it."""

    def __init__(self, ports: TrackingPorts) -> None:
        self._ports = ports

    async def availability(self, driver_id: str) -> DriverAvailability | None:
        """See `DriverRecords.availability`."""
        return await self._ports.records.availability(driver_id)


class _LateRoles:
    """`RoleStore` that opens the database on the first look-up."""

    def __init__(self, ports: TrackingPorts) -> None:
        self._ports = ports

    async def account_status(self, uid: str, session_id: str = "") -> AccountStatus:
        """See `RoleStore.account_status`."""
        return await self._ports.stored_roles.account_status(uid, session_id)


def create_app(
    name: str, *, routes: Sequence[Route], max_body: int, runtime: Runtime | None = None
) -> Starlette:
    """Return the bare Starlette app of a function that records positions."""
    runtime = runtime or Runtime()
    ports = TrackingPorts(runtime)
    return create_bare_app(
        name,
        routes=routes,
        ports=ports,
        runtime=runtime,
        settings=lambda: runtime.settings(Settings),
        tokens=lambda: ports.tokens,
        roles=lambda: ports.roles,
        rate_limiter=lambda: ports.rate_limiter,
        dependencies=lambda: ports.dependencies,
        max_body=max_body,
    )
