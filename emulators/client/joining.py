"""How a merchant, a driver and an operator join: all that each does before they can work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyotp

from emulators.client import documents
from emulators.client.api import ApiClient
from emulators.client.operations import accounts, admin, drivers, merchants


async def join_as_merchant(
    owner: ApiClient, operator: ApiClient, profile: Mapping[str, Any], items: Sequence[Mapping[str, Any]]
) -> tuple[str, list[dict[str, Any]]]:
    """Register a merchant with its licence and menu, and have it approved; it is not open yet.

    Return its id and the items of its menu, with their ids.
    """
    merchant_id = str((await owner.do(merchants.register_merchant(profile)))["id"])
    await documents.submit_and_approve(
        owner, operator, *documents.MERCHANT_DOCUMENTS, merchant_id=merchant_id
    )
    await operator.do(admin.approve_merchant(merchant_id))
    menu = await owner.do(merchants.publish_menu(merchant_id, items))
    return merchant_id, menu["items"]


async def join_as_driver(driver: ApiClient, operator: ApiClient, name: str, vehicle: str) -> None:
    """Register a driver with their documents, and have them approved; they are offline."""
    await driver.do(drivers.register_driver(name, vehicle))
    await documents.submit_and_approve(driver, operator, *documents.DRIVER_DOCUMENTS[vehicle])
    await operator.do(admin.approve_driver(driver.uid))


async def join_as_operator(operator: ApiClient, enrolment_code: str) -> str:
    """Enrol a second factor with an operator's one-time code, and return its secret.

    The confirming code also gives this session access to admin routes for ten minutes.
    """
    enrolment = accounts.enrol_second_factor(enrolment_code=enrolment_code)
    secret = str((await operator.do(enrolment))["secret"])
    await operator.do(accounts.confirm_second_factor(pyotp.TOTP(secret).now()))
    return secret
