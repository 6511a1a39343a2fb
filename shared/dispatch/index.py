"""Telling the index what a driver's request changed, without making the request depend on it."""

from __future__ import annotations

import logging

from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import DriverIndex

log = logging.getLogger(__name__)


async def tell(index: DriverIndex, driver: Driver, answered: str | None = None) -> None:
    """Describe the driver, no longer thinking about the offer they `answered`.

    That the index is down is logged: it is put right by the next search that meets the driver, and
    what it says is never more than a proposal.
    """
    try:
        await index.upsert_profile(driver)
        if answered:
            await index.release(driver.id, answered)
    except DriverIndexUnavailable:
        log.warning("driver_index_unavailable")
