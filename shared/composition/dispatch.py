"""The ports of the functions that search for a driver."""

from __future__ import annotations

from functools import cached_property

from shared.composition.drivers import DriverPorts
from shared.composition.tasks import TaskPorts
from shared.dispatch.matching import sequential
from shared.dispatch.ports import Accounts, Deadlines, Matcher


class DispatchPorts(DriverPorts, TaskPorts):
    """Implement `shared.dispatch.ports.SearchPorts`."""

    queue = "offers"
    function = "dispatch_tasks"

    @cached_property
    def deadlines(self) -> Deadlines:
        """Return the deadlines of offers and searches."""
        from shared.adapters.cloud_tasks import OfferDeadlines

        return OfferDeadlines(self.tasks)

    @cached_property
    def accounts(self) -> Accounts:
        """Return the accounts of users."""
        from shared.adapters.firestore.accounts import FirestoreRoles

        return FirestoreRoles(self.database)

    @cached_property
    def matcher(self) -> Matcher:
        """Return the matching policy."""
        return sequential
