"""Read what drivers may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.dispatch.domain import Offer, OfferNotFound, order_id_of
from shared.dispatch.drivers import Driver, DriverNotFound
from shared.dispatch.ports import DispatchStore, DriverDocuments, RequiredDocument


async def own_driver(uid: str, *, store: DispatchStore) -> Driver:
    """Return the record of a driver. Raises `DriverNotFound`."""
    driver = await store.driver(uid)
    if driver is None:
        raise DriverNotFound
    return driver


async def own_requirements(
    uid: str, *, store: DispatchStore, driver_documents: DriverDocuments, now: datetime
) -> Sequence[RequiredDocument]:
    """Return the documents that the driver's vehicle requires. Raises `DriverNotFound`."""
    return await driver_documents.required(await own_driver(uid, store=store), now)


async def own_offer(offer_id: str, uid: str, *, store: DispatchStore) -> Offer:
    """Return an offer to `uid`. Raises `OfferNotFound`, also when it was made to another driver."""
    order_id_of(offer_id)
    offer = await store.offer(offer_id)
    if offer is None or offer.driver_id != uid:
        raise OfferNotFound
    return offer
