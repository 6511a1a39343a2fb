"""The ports of the catalogue."""

from __future__ import annotations

from functools import cached_property

from shared.catalogue.ports import (
    ApplicationStore,
    BlockStore,
    StaffStore,
    StockStore,
    ZoneReader,
    ZoneStore,
)
from shared.composition.copies import CopyPorts
from shared.composition.merchants import MerchantPorts


class CataloguePorts(CopyPorts, MerchantPorts):
    """The ports of the catalogue's API."""

    @cached_property
    def staff(self) -> StaffStore:
        """Return the staff of merchants."""
        from shared.adapters.firestore.staff import FirestoreStaff

        return FirestoreStaff(self.documents)

    @cached_property
    def applications(self) -> ApplicationStore:
        """Return the applications of merchants."""
        from shared.adapters.firestore.catalogue import FirestoreApplications

        return FirestoreApplications(self.documents)

    @cached_property
    def stock(self) -> StockStore:
        """Return the stock of tracked items."""
        from shared.adapters.firestore.catalogue import FirestoreStock

        return FirestoreStock(self.documents)

    @cached_property
    def blocks(self) -> BlockStore:
        """Return the blocks of merchants."""
        from shared.adapters.firestore.shop_blocks import FirestoreShopBlocks

        return FirestoreShopBlocks(self.documents)

    @cached_property
    def zones(self) -> ZoneReader:
        """Return the reads of service zones."""
        from shared.adapters.firestore.zones import FirestoreZones

        return FirestoreZones(self.database)

    @cached_property
    def zone_store(self) -> ZoneStore:
        """Return the changes of service zones."""
        from shared.adapters.firestore.zones import FirestoreZoneStore

        return FirestoreZoneStore(self.documents)
