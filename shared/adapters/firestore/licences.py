"""Until when a driver or merchant meets the requirements, from `verification_records/{subject}`.

Implements `DriverDocuments` of dispatch and `Licences` of the catalogue.
"""

from __future__ import annotations

from datetime import datetime

from shared.adapters.firestore.database import Database
from shared.adapters.firestore.verification import RECORDS
from shared.kernel.order import Business
from shared.orders.businesses import POLICIES
from shared.verification.domain import VerificationRecord
from shared.verification.requirements import RequirementPolicy, Requirements


class FirestoreDriverDocuments:
    """`dispatch.ports.DriverDocuments`: one read; none if the policy requires no documents."""

    def __init__(self, database: Database, policy: RequirementPolicy) -> None:
        self._database = database
        self._policy = policy

    async def valid_until(self, uid: str, now: datetime) -> datetime | None:
        """See `DriverDocuments.valid_until`."""
        return await _valid_until(self._database, uid, self._policy.of_driver(), now)


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
    found = RECORDS.find(await database.get_all([RECORDS.path(subject)]), subject)
    return (found or VerificationRecord(subject)).valid_until(required, now)
