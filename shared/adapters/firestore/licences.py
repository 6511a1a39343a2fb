"""Until when a driver or merchant meets the requirements, from `verification_records/{subject}`.

Implements `DriverDocuments` of dispatch and `Licences` of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.adapters.firestore.database import Database, Snapshot
from shared.adapters.firestore.dispatch import DRIVERS
from shared.adapters.firestore.verification import RECORDS
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import RequiredDocument
from shared.kernel.order import Business
from shared.kernel.vehicle import DriverDocument
from shared.orders.businesses import POLICIES
from shared.verification.domain import VerificationRecord
from shared.verification.requirements import RequirementPolicy, Requirements


class FirestoreDriverDocuments:
    """`dispatch.ports.DriverDocuments`: two reads; none if the policy requires no documents."""

    def __init__(self, database: Database, policy: RequirementPolicy) -> None:
        self._database = database
        self._policy = policy

    async def required(self, driver: Driver, now: datetime) -> Sequence[RequiredDocument]:
        """See `DriverDocuments.required`; one read."""
        kinds = sorted(kind for one in self._policy.of_driver(driver.vehicle) for kind in one)
        if not kinds:
            return ()
        docs = await self._database.get_all([RECORDS.path(driver.id)])
        record = RECORDS.find(docs, driver.id) or VerificationRecord(driver.id)
        return [RequiredDocument(DriverDocument(kind), *record.holds(kind, now)) for kind in kinds]

    async def valid_until(self, uid: str, now: datetime) -> datetime | None:
        """See `DriverDocuments.valid_until`."""
        if not self._policy.documents_required:
            return None
        docs = await self._database.get_all([DRIVERS.path(uid), RECORDS.path(uid)])
        driver = DRIVERS.find(docs, uid)
        if driver is None:
            return now
        return _end(docs, uid, self._policy.of_driver(driver.vehicle), now)


class FirestoreLicences:
    """`catalogue.ports.Licences`: one read; none if the merchant needs no licence."""

    def __init__(self, database: Database, policy: RequirementPolicy) -> None:
        self._database = database
        self._policy = policy

    async def valid_until(self, merchant_id: str, business: Business, now: datetime) -> datetime | None:
        """See `Licences.valid_until`."""
        required = self._policy.of_merchant(business, POLICIES[business].licences)
        return await _valid_until(self._database, merchant_id, required, now)


async def _valid_until(
    database: Database, subject: str, required: Requirements, now: datetime
) -> datetime | None:
    if not required:
        return None
    return _end(await database.get_all([RECORDS.path(subject)]), subject, required, now)


def _end(
    docs: Mapping[str, Snapshot], subject: str, required: Requirements, now: datetime
) -> datetime | None:
    if not required:
        return None
    record = RECORDS.find(docs, subject) or VerificationRecord(subject)
    return record.valid_until(required, now)
