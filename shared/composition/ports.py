"""What every `Ports` class shares, and the external systems that most contexts need."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from shared.composition.runtime import Runtime
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings
from shared.kernel.batch import Batch, Limits

if TYPE_CHECKING:
    from shared.adapters.firestore.database import Database


class Ports:
    """The ports of one context over one runtime. A subclass adds one cached property per port."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` asks; a subclass adds what it opens."""
        return {}


class DatabasePorts(Ports):
    """Ports over Firestore."""

    @cached_property
    def database(self) -> Database:
        """Return the database."""
        return self.runtime.external("database", self._open_database)

    def _open_database(self) -> Database:
        from shared.adapters.firestore.client import FirestoreDatabase

        return FirestoreDatabase(self.runtime.settings(Settings).google_cloud_project)

    @cached_property
    def batch(self) -> Batch:
        """Return how batch jobs run: the clock, the limits of one run, and where the last one stopped."""
        from shared.adapters.firestore.bookmarks import FirestoreBookmarks

        limits, bookmarks = self.runtime.policy(Limits), FirestoreBookmarks(self.database)
        return Batch(clock=self.runtime.clock, limits=limits, bookmarks=bookmarks)

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` asks."""
        return {**super().dependencies, "firestore": Dependency(self.database.ping)}
