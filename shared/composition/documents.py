"""Ports over documents that are changed: the database, the bus, and the one way to change state."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from shared.composition.ports import DatabasePorts
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings
from shared.kernel.event import Publisher

if TYPE_CHECKING:
    from shared.adapters.firestore.change import DocumentStore
    from shared.adapters.firestore.copies import Committer


class DocumentPorts(DatabasePorts):
    """Ports whose stores change documents and publish what has happened."""

    @property
    def committer(self) -> Committer:
        """Return what commits changes: only `CopyPorts` change documents that have copies."""
        from shared.adapters.firestore.copies import UncopiedDocuments

        return UncopiedDocuments(self.database)

    @cached_property
    def publisher(self) -> Publisher:
        """Return the bus between contexts."""
        return self.runtime.external("publisher", self._open_publisher)

    @cached_property
    def documents(self) -> DocumentStore:
        """Return the store through which every document changes."""
        from shared.adapters.firestore.change import DocumentStore

        runtime = self.runtime
        return DocumentStore(
            self.database,
            self.publisher,
            clock=runtime.clock,
            ids=runtime.new_id,
            pause=runtime.pause,
            committer=self.committer,
        )

    def _open_publisher(self) -> Publisher:
        from shared.adapters.pubsub import PubSubPublisher

        settings = self.runtime.settings(Settings)
        return PubSubPublisher(settings.google_cloud_project, settings.pubsub_emulator_host)

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` asks; without the bus events wait in the outbox."""
        return {**super().dependencies, "pubsub": Dependency(self.publisher.ping, needed=False)}
