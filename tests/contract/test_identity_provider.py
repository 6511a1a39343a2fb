"""One suite for `IdentityProvider`: the fake, the simulation's and the adapter, over the Auth emulator,
behave alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
import pytest

from emulators.client.auth import API_KEY
from shared.adapters.firebase_users import firebase_users
from shared.identity.ports import IdentityProvider
from tests.contract.simulated import Script, wire
from tests.fakes.identities import FakeIdentities
from tests.patience import HANG_SECONDS
from tests.simulation.ports.outside import SimulatedIdentities
from tests.stack import RunningStack

pytestmark = pytest.mark.mission("A4")

AT = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


class Service(Protocol):
    """A provider under test, and its records of the users who have signed up."""

    identities: IdentityProvider

    async def sign_up(self) -> str:
        """Return the uid of a new user."""
        ...

    async def signed_out(self, uid: str) -> datetime | None:
        """Return the second up to which sign-ins have ended; None while all count."""
        ...

    async def disabled(self, uid: str) -> bool: ...


class Memory:
    """The fake, alone or behind the simulation's wire."""

    def __init__(self, fake: FakeIdentities, identities: IdentityProvider) -> None:
        self._fake = fake
        self._people = 0
        self.identities = identities

    async def sign_up(self) -> str:
        self._people += 1
        uid = f"uid_{self._people}"
        self._fake.users.add(uid)
        return uid

    async def signed_out(self, uid: str) -> datetime | None:
        at = self._fake.signed_out.get(uid)
        return at.replace(microsecond=0) if at else None

    async def disabled(self, uid: str) -> bool:
        return uid in self._fake.disabled


class Firebase:
    """The adapter over the emulator, whose address the SDK takes from the environment."""

    def __init__(self, host: str, client: httpx.AsyncClient) -> None:
        self._url = f"http://{host}/identitytoolkit.googleapis.com"
        self._client = client
        self._begun: dict[str, str] = {}
        self.identities: IdentityProvider = firebase_users("demo-waybill")

    async def sign_up(self) -> str:
        url = f"{self._url}/v1/accounts:signUp"
        answer = await self._client.post(url, params={"key": API_KEY}, json={"returnSecureToken": True})
        uid = str(answer.raise_for_status().json()["localId"])
        self._begun[uid] = str((await self._record(uid)).get("validSince"))
        return uid

    async def signed_out(self, uid: str) -> datetime | None:
        since = str((await self._record(uid)).get("validSince"))
        return None if since == self._begun[uid] else datetime.fromtimestamp(int(since), UTC)

    async def disabled(self, uid: str) -> bool:
        return bool((await self._record(uid)).get("disabled"))

    async def _record(self, uid: str) -> dict[str, Any]:
        url = f"{self._url}/v1/projects/demo-waybill/accounts:lookup"
        owner = {"Authorization": "Bearer owner"}
        answer = await self._client.post(url, json={"localId": [uid]}, headers=owner)
        found: dict[str, Any] = answer.raise_for_status().json()["users"][0]
        return found


@pytest.fixture(params=["fake", "simulation", pytest.param("emulator", marks=pytest.mark.emulator)])
async def service(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    if request.param == "fake":
        fake = FakeIdentities()
        yield Memory(fake, fake)
    elif request.param == "simulation":
        simulated = SimulatedIdentities(wire(Script()))
        yield Memory(simulated.inner, simulated)
    else:
        stack: RunningStack = request.getfixturevalue("stack")
        host = stack.env["FIREBASE_AUTH_EMULATOR_HOST"]
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", host)
        async with httpx.AsyncClient(timeout=HANG_SECONDS, trust_env=False) as client:
            yield Firebase(host, client)


async def test_a_sign_out_counts_to_the_second_and_the_latest_one_holds(service: Service) -> None:
    asha, ravi = await service.sign_up(), await service.sign_up()
    for at in (AT, AT, AT + timedelta(minutes=1, milliseconds=900)):
        await service.identities.sign_out(asha, at)
        assert await service.signed_out(asha) == at.replace(microsecond=0)

    assert await service.signed_out(ravi) is None
    assert not await service.disabled(asha)


async def test_an_account_is_disabled_and_enabled_by_repeated_calls(service: Service) -> None:
    asha, ravi = await service.sign_up(), await service.sign_up()
    for disabled in (True, True, False, False, True):
        await service.identities.set_disabled(asha, disabled)
        assert await service.disabled(asha) is disabled

    assert not await service.disabled(ravi)
    assert await service.signed_out(asha) is None


async def test_a_user_is_known_from_the_sign_up_on(service: Service) -> None:
    assert await service.identities.knows(await service.sign_up())


async def test_an_unknown_user_is_not_known_and_needs_no_change(service: Service) -> None:
    assert not await service.identities.knows("unknown-user")
    await service.identities.sign_out("unknown-user", AT)
    await service.identities.set_disabled("unknown-user", True)
