"""Who may report positions: a driver who is signed in now, though no report reads a document."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.identity_api import main as identity
from functions.tracking_api import main as tracking
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.database import Snapshot
from shared.dispatch.drivers import Driver, DriverStatus
from shared.kernel.vehicle import Vehicle
from tests.fakes.accounts import Caller, MemoryStatusCache, seed_operator
from tests.fakes.database import MemoryDatabase
from tests.fakes.dispatch import MemoryDriverIndex
from tests.fakes.gateway import Gateway
from tests.fakes.identities import FakeIdentities
from tests.fakes.runtime import NOW, FakeRuntime, run_on

pytestmark = pytest.mark.mission("A4", "F1")

PATH = "/api/v1/driver/location"
WHY = {"reason": "stolen phone"}


class CountingDatabase(MemoryDatabase):
    """Counts how often accounts are read."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts_read = 0

    async def get_all(self, paths: Any) -> dict[str, Snapshot]:
        self.accounts_read += sum(path.startswith("auth/") for path in paths)
        return await super().get_all(paths)


@pytest.fixture
def database() -> CountingDatabase:
    return CountingDatabase()


@pytest.fixture
def index() -> MemoryDriverIndex:
    return MemoryDriverIndex()


@pytest.fixture
def statuses() -> MemoryStatusCache:
    return MemoryStatusCache()


@pytest.fixture
def driver(
    database: CountingDatabase,
    index: MemoryDriverIndex,
    statuses: MemoryStatusCache,
    monkeypatch: pytest.MonkeyPatch,
) -> Caller:
    imran = Driver("imran", "Imran", Vehicle.SCOOTER, approved=True, status=DriverStatus.ONLINE)
    database.seed("drivers/imran", to_document(imran))
    seed_operator(database, "root")
    runtime = FakeRuntime(
        database=database,
        externals={
            "driver positions": index,
            "status cache": statuses,
            "identity provider": FakeIdentities(users={"imran"}),
        },
    )
    run_on(identity.app, runtime, monkeypatch, roles=lambda: FirestoreRoles(database))
    ports = run_on(tracking.app, runtime, monkeypatch)
    monkeypatch.setitem(tracking.app.state._state, "roles", lambda: ports.roles)
    return Caller(Gateway({"identity_api": identity.app, "tracking_api": tracking.app}), "imran")


def _batch(seconds: int) -> dict[str, Any]:
    at = (NOW + timedelta(seconds=seconds)).isoformat()
    return {"points": [{"lat": 12.97, "lng": 77.59 + seconds / 10_000, "at": at}]}


async def test_reports_read_the_account_once_and_no_document_after_it(
    driver: Caller, database: CountingDatabase
) -> None:
    for second in range(5):
        assert (await driver("POST", PATH, _batch(second))).status_code == 202

    assert database.accounts_read == 1


@pytest.mark.parametrize(
    ("path", "refusal"), [("disable", (403, "ACCOUNT_DISABLED")), ("revoke", (401, "SESSION_REVOKED"))]
)
async def test_fault_05_a_driver_who_was_shut_out_reports_no_position_any_more(
    driver: Caller, index: MemoryDriverIndex, path: str, refusal: tuple[int, str]
) -> None:
    assert (await driver("POST", PATH, _batch(1))).status_code == 202
    before = index.availability("imran"), dict(index._entries)
    shut_out = await driver.be("root")("POST", f"/api/v1/admin/users/imran/{path}", WHY)
    assert shut_out.status_code == 200

    refused = await driver("POST", PATH, _batch(2))
    assert (refused.status_code, refused.json()["code"]) == refusal
    assert (index.availability("imran"), dict(index._entries)) == before


async def test_a_sign_in_that_its_owner_ended_reports_nothing_and_the_next_one_does(driver: Caller) -> None:
    assert (await driver("POST", PATH, _batch(1))).status_code == 202
    assert (await driver("DELETE", "/api/v1/me/sessions")).status_code == 204

    assert (await driver("POST", PATH, _batch(2))).json()["code"] == "SESSION_REVOKED"
    later = driver.be(f"imran@{60 * 86_400}")
    assert (await later("POST", PATH, _batch(3))).status_code == 202


async def test_one_ended_session_leaves_the_others(driver: Caller) -> None:
    phone, tablet = driver, driver.be("imran@60")
    for device in (phone, tablet):
        await device("POST", "/api/v1/me/sessions", {"label": "Device", "platform": "android"})
        assert (await device("POST", PATH, _batch(1))).status_code == 202
    listed = (await tablet("GET", "/api/v1/me/sessions")).json()["sessions"]
    [lost] = [one["id"] for one in listed if not one["current"]]
    assert (await tablet("DELETE", f"/api/v1/me/sessions/{lost}")).status_code == 204

    assert (await phone("POST", PATH, _batch(2))).json()["code"] == "SESSION_REVOKED"
    assert (await tablet("POST", PATH, _batch(3))).status_code == 202


async def test_an_account_is_closed_though_the_cache_does_not_answer(
    driver: Caller, statuses: MemoryStatusCache, database: CountingDatabase
) -> None:
    statuses.down = True
    closed = await driver.be("root")("POST", "/api/v1/admin/users/imran/disable", WHY)

    assert (closed.status_code, database.data("auth/imran")["disabled"]) == (200, True)
    assert (await driver("POST", PATH, _batch(1))).status_code == 503
