"""A small town for trying things out: `make up SEED_DATA=1`. Everything is created through the public API.

Accounts have names, verified e-mail addresses and phones, and one password. Drivers are approved and offline:
an order waits for the one who goes online.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from emulators.city import documents
from emulators.city.api import Api, Refused, Unanswered, open_client
from emulators.city.auth import Credentials, Identity, SignUpError
from emulators.city.bengaluru import KITCHENS, Kitchen
from emulators.city.second_factor import enrol
from emulators.city.shops import register
from emulators.stack import StackError

PASSWORD = "waybill-demo"
ZONE = (77.45, 12.80, 77.80, 13.15)
"""West, south, east, north: Bengaluru, where orders are delivered."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the town; the e-mail address is `{handle}@waybill.test`."""

    handle: str
    name: str
    role: str

    @property
    def credentials(self) -> Credentials:
        """Return what they sign in with."""
        return Credentials(f"{self.handle}@waybill.test", PASSWORD)


CUSTOMERS = (Account("asha", "Asha Rao", "customer"), Account("ravi", "Ravi Gowda", "customer"))
OWNERS = (
    (Account("lakshmi", "Lakshmi Iyer", f"runs {KITCHENS[0].name}"), KITCHENS[0]),
    (Account("joseph", "Joseph D'Souza", f"runs {KITCHENS[1].name}"), KITCHENS[1]),
    (Account("farah", "Farah Khan", f"runs {KITCHENS[3].name}"), KITCHENS[3]),
)
DRIVERS = (
    (Account("imran", "Imran Khan", "driver, scooter"), "scooter"),
    (Account("divya", "Divya Nair", "driver, bicycle"), "bicycle"),
)
ACCOUNTS = (*CUSTOMERS, *(owner for owner, _ in OWNERS), *(driver for driver, _ in DRIVERS))


async def seed(env: Mapping[str, str]) -> dict[str, str]:
    """Create the town on the stack that `env` describes; return more variables for its users.

    The stack's admin enrols a second factor, whose secret is `ADMIN_SECOND_FACTOR`. Raises `StackError`.
    """
    try:
        return await _seed(env)
    except (Refused, SignUpError, Unanswered) as error:
        raise StackError(f"The town could not be created: {error}") from error


async def _seed(env: Mapping[str, str]) -> dict[str, str]:
    async with open_client() as client:
        identity = Identity(client, env["FIREBASE_AUTH_EMULATOR_HOST"], env["GOOGLE_CLOUD_PROJECT"])

        def api_of(account: Any) -> Api:
            return Api(client, env["WAYBILL_URL"], account)

        async def join(number: int, person: Account) -> Api:
            phone = f"+91990000{number:04}"
            api = api_of(await identity.sign_up(person.name, person.credentials, phone))
            await api.put("/me", {"name": person.name, "language": "en"})
            return api

        admin = api_of(await identity.sign_in(Credentials(env["ADMIN_EMAIL"], env["ADMIN_PASSWORD"])))
        secret = await enrol(admin, env["ADMIN_ENROLMENT_CODE"])
        joined = await asyncio.gather(*(join(100 + n, person) for n, person in enumerate(ACCOUNTS)))
        apis = {person.handle: api for person, api in zip(ACCOUNTS, joined, strict=True)}
        work: list[Coroutine[Any, Any, None]] = [_draw_zone(admin)]
        work += [_open_shop(apis[owner.handle], admin, kitchen) for owner, kitchen in OWNERS]
        work += [_hire(apis[driver.handle], admin, driver.name, vehicle) for driver, vehicle in DRIVERS]
        await asyncio.gather(*work)
    return {"ADMIN_SECOND_FACTOR": secret}


async def _draw_zone(admin: Api) -> None:
    west, south, east, north = ZONE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    await admin.post(
        "/admin/zones", {"name": "Bengaluru", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    )


async def _open_shop(owner: Api, admin: Api, kitchen: Kitchen) -> None:
    """Register a shop, have it approved, publish its menu and open it."""
    merchant_id = await register(owner, admin, kitchen)
    await owner.post(f"/merchants/{merchant_id}/open")


async def _hire(driver: Api, admin: Api, name: str, vehicle: str) -> None:
    """Register a driver and have them approved."""
    registered = await driver.post("/drivers", {"name": name, "vehicle": vehicle})
    await documents.submit_and_approve(driver, admin, *documents.DRIVER_DOCUMENTS)
    await admin.post(f"/admin/drivers/{registered['id']}/approve")
