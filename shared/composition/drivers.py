"""The ports of the functions that change drivers and offers but search for no driver."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property

from shared.composition.documents import DocumentPorts
from shared.composition.redis import RedisPorts
from shared.dispatch.matching import Config
from shared.dispatch.ports import DispatchStore, DriverDocuments, DriverIndex
from shared.edge.settings import ApprovalSettings, Settings
from shared.verification.requirements import RequirementPolicy


class DriverPorts(DocumentPorts, RedisPorts):
    """Drivers, their offers, and the driver location index."""

    @cached_property
    def store(self) -> DispatchStore:
        """Return orders, offers and drivers."""
        from shared.adapters.firestore.dispatch import FirestoreDispatch

        return FirestoreDispatch(self.documents)

    @cached_property
    def index(self) -> DriverIndex:
        """Return the driver location index."""
        from shared.adapters.redis_driver_index import RedisDriverIndex

        return self.runtime.external("driver index", lambda: RedisDriverIndex(self.redis_pipeline))

    @cached_property
    def driver_documents(self) -> DriverDocuments:
        """Return the verification documents of drivers."""
        from shared.adapters.firestore.licences import FirestoreDriverDocuments

        own = self.runtime.settings(ApprovalSettings)
        policy = RequirementPolicy(own.documents_required, driver_documents=own.required_driver_documents)
        return FirestoreDriverDocuments(self.database, policy)

    @cached_property
    def config(self) -> Config:
        """Return how dispatch searches; the settings say how long an offer is open."""
        offer_timeout = timedelta(seconds=self.runtime.settings(Settings).offer_seconds)
        return replace(self.runtime.policy(Config), offer_timeout=offer_timeout)
