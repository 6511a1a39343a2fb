"""`DriverDocuments` of dispatch and `Licences` of the catalogue, over `papers/{subject}` of accounts."""

from __future__ import annotations

from datetime import datetime

from shared.adapters.firestore.database import Database
from shared.adapters.firestore.verification import PAPERS
from shared.kernel.order import Business
from shared.orders.businesses import POLICIES
from shared.verification.domain import DocumentKind, Papers

OF_DRIVERS = (frozenset({DocumentKind.DRIVING_LICENCE}), frozenset({DocumentKind.IDENTITY}))
"""What a driver needs: one of each."""


class FirestoreDriverPapers:
    """`dispatch.ports.DriverDocuments`: one read; where papers are not `required`, nobody is asked."""

    def __init__(self, database: Database, *, required: bool) -> None:
        self._database = database
        self._required = required

    async def valid_until(self, uid: str, now: datetime) -> datetime | None:
        """See `DriverDocuments.valid_until`."""
        if not self._required:
            return None
        return (await _papers(self._database, uid)).good_until(OF_DRIVERS, now)


class FirestoreLicences:
    """`catalogue.ports.Licences`: one read, or none where licences are not `required`."""

    def __init__(self, database: Database, *, required: bool) -> None:
        self._database = database
        self._required = required

    async def valid_until(self, merchant_id: str, business: Business, now: datetime) -> datetime | None:
        """See `Licences.valid_until`."""
        needed = frozenset(DocumentKind(licence) for licence in POLICIES[business].licences)
        if not self._required or not needed:
            return None
        return (await _papers(self._database, merchant_id)).good_until([needed], now)


async def _papers(database: Database, subject: str) -> Papers:
    return PAPERS.find(await database.get_all([PAPERS.path(subject)]), subject) or Papers(subject)
