"""The clients that most functions open: the database, the event bus, and the document store over both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.pubsub import PubSubPublisher


class CloudSettings(Protocol):
    """The settings that name the cloud project of a function."""

    @property
    def google_cloud_project(self) -> str:
        """The project id."""
        ...

    @property
    def pubsub_emulator_host(self) -> str:
        """The emulator's host:port, or empty for Google's service."""
        ...


@dataclass(frozen=True, slots=True)
class Cloud:
    """The open clients of one process."""

    database: FirestoreDatabase
    bus: PubSubPublisher
    documents: DocumentStore


def open_cloud(settings: CloudSettings) -> Cloud:
    """Open the clients. Call it inside the running event loop: their channels belong to that loop."""
    database = FirestoreDatabase(settings.google_cloud_project)
    bus = PubSubPublisher(settings.google_cloud_project, settings.pubsub_emulator_host)
    return Cloud(database, bus, DocumentStore(database, bus))
