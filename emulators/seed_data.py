"""A small town for trying things out: `make up SEED_DATA=1`. Everything is created through the public API.

Accounts have names, verified e-mail addresses and phones, and one password. Drivers are approved and offline:
an order waits for the one who goes online.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from emulators.city.bengaluru import KITCHENS, Kitchen
from emulators.client.api import ApiClient, Refused, open_http
from emulators.client.auth import Credentials, Identity, SignUpError
from emulators.client.joining import join_as_driver, join_as_merchant, join_as_operator
from emulators.client.operations import accounts, admin, merchants
from emulators.client.retries import Unanswered
from emulators.stack import StackError

PASSWORD = "waybill-demo"
RETRY_SECONDS = 60.0
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
    async with open_http() as http:
        identity = Identity(http, env["FIREBASE_AUTH_EMULATOR_HOST"], env["GOOGLE_CLOUD_PROJECT"])

        def api_of(account: Any) -> ApiClient:
            return ApiClient(http, env["WAYBILL_URL"], account, retry_seconds=RETRY_SECONDS)

        async def join(number: int, person: Account) -> ApiClient:
            phone = f"+91990000{number:04}"
            api = api_of(await identity.sign_up(person.name, person.credentials, phone))
            await api.do(accounts.update_profile(name=person.name, language="en"))
            return api

        operator = api_of(await identity.sign_in(Credentials(env["ADMIN_EMAIL"], env["ADMIN_PASSWORD"])))
        secret = await join_as_operator(operator, env["ADMIN_ENROLMENT_CODE"])
        joined = await asyncio.gather(*(join(100 + n, person) for n, person in enumerate(ACCOUNTS)))
        apis = {person.handle: api for person, api in zip(ACCOUNTS, joined, strict=True)}
        work: list[Coroutine[Any, Any, None]] = [_draw_zone(operator)]
        work += [_open_shop(apis[owner.handle], operator, kitchen) for owner, kitchen in OWNERS]
        work += [join_as_driver(apis[one.handle], operator, one.name, vehicle) for one, vehicle in DRIVERS]
        await asyncio.gather(*work)
    return {"ADMIN_SECOND_FACTOR": secret}


async def _draw_zone(operator: ApiClient) -> None:
    west, south, east, north = ZONE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    await operator.do(admin.create_zone("Bengaluru", {"type": "Polygon", "coordinates": [ring]}))


async def _open_shop(owner: ApiClient, operator: ApiClient, kitchen: Kitchen) -> None:
    """Register a shop, have it approved, publish its menu and open it."""
    merchant_id, _ = await join_as_merchant(owner, operator, kitchen.profile(), kitchen.items())
    await owner.do(merchants.open_merchant(merchant_id))
