"""Update the driver location index after a request that does not depend on it."""

from __future__ import annotations

import logging

from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import DriverIndex

log = logging.getLogger(__name__)


async def update_index(index: DriverIndex, driver: Driver, answered: str | None = None) -> None:
    """Store the driver's profile, and release the reservation by the offer that they `answered`.

    An unavailable index is logged only: the next search that finds the driver corrects it, and its
    content is never more than a proposal.
    """
    try:
        await index.upsert_profile(driver)  # mutant: left-available
        if answered:
            await index.release(driver.id, answered)
    except DriverIndexUnavailable:
        log.warning("driver_index_unavailable", extra={"offer_id": answered})
