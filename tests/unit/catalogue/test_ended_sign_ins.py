"""A shop is run by people who are signed in now: ended sign-ins and closed accounts change nothing in it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from functions.catalogue_api import main as catalogue
from functions.identity_api import main as identity
from functions.reviews_api import main as reviews
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.kernel.order import Business
from tests.fakes.accounts import Caller, MemoryStatusCache, seed_operator
from tests.fakes.database import MemoryDatabase
from tests.fakes.gateway import Gateway
from tests.fakes.identities import FakeIdentities
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.catalogue.shops import put, shop

pytestmark = pytest.mark.mission("A4", "B1")

SHOP = "/api/v1/merchants/mer_1"
CHEAP = {"items": [{"name": "Masala dosa", "price": 1}]}
WRITES: tuple[tuple[str, str, Any], ...] = (
    ("PUT", f"{SHOP}/staff/accomplice", None),
    ("DELETE", f"{SHOP}/staff/ravi", None),
    ("PUT", f"{SHOP}/menu", CHEAP),
    ("POST", f"{SHOP}/close", None),
    ("POST", f"{SHOP}/open", None),
    ("PUT", f"{SHOP}/capacity", {"max_open_orders": 1}),
    ("PUT", f"{SHOP}/hours", {"timezone": "Asia/Kolkata", "weekly": [], "holidays": []}),
    ("POST", f"{SHOP}/blocks", {"order_id": "ord_1", "reason": "rude"}),
    ("DELETE", f"{SHOP}/blocks/asha", None),
    ("POST", "/api/v1/me/blocks", {"uid": "asha", "reason": "rude"}),
    ("DELETE", "/api/v1/me/blocks/asha", None),
)
READS = (f"{SHOP}/staff", f"{SHOP}/stock", f"{SHOP}/blocks", SHOP, f"{SHOP}/menu", "/api/v1/me/blocks")


@pytest.fixture
def call(database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch) -> Caller:
    runtime = FakeRuntime(
        database=database,
        settings={"documents_required": False},
        externals={
            "identity provider": FakeIdentities(users={"staff"}),
            "status cache": MemoryStatusCache(),
        },
    )
    apps = {"catalogue_api": catalogue.app, "identity_api": identity.app, "reviews_api": reviews.app}
    for app in apps.values():
        run_on(app, runtime, monkeypatch, roles=lambda: FirestoreRoles(database))
    return Caller(Gateway(apps), "staff")


async def _sign_out_everywhere(call: Caller) -> tuple[int, str]:
    assert (await call("DELETE", "/api/v1/me/sessions")).status_code == 204
    return 401, "SESSION_REVOKED"


async def _end_this_session(call: Caller) -> tuple[int, str]:
    await call("POST", "/api/v1/me/sessions", {"label": "Tablet", "platform": "android"})
    [session] = (await call("GET", "/api/v1/me/sessions")).json()["sessions"]
    assert (await call("DELETE", f"/api/v1/me/sessions/{session['id']}")).status_code == 204
    return 401, "SESSION_REVOKED"


async def _be_revoked(call: Caller) -> tuple[int, str]:
    why = {"reason": "stolen tablet"}
    assert (await call.be("root")("POST", "/api/v1/admin/users/staff/revoke", why)).status_code == 200
    return 401, "SESSION_REVOKED"


async def _be_disabled(call: Caller) -> tuple[int, str]:
    why = {"reason": "fraud"}
    assert (await call.be("root")("POST", "/api/v1/admin/users/staff/disable", why)).status_code == 200
    return 403, "ACCOUNT_DISABLED"


@pytest.mark.parametrize("business", [Business.FOOD, Business.MED])
@pytest.mark.parametrize("end", [_sign_out_everywhere, _end_this_session, _be_revoked, _be_disabled])
async def test_fault_03_after_the_end_of_their_sign_in_or_account_the_owner_changes_and_reads_nothing(
    call: Caller, database: MemoryDatabase, end: Any, business: Business
) -> None:
    put(database, shop(business=business), staff=["ravi"])
    seed_operator(database, "root")
    assert (await call("PUT", f"{SHOP}/menu", CHEAP)).status_code == 200
    expected = await end(call)
    before = copy.deepcopy(database.docs)

    answers = [(path, await call(method, path, body)) for method, path, body in WRITES]
    answers += [(path, await call("GET", path)) for path in READS]
    assert [(path, got.status_code, got.json()["code"]) for path, got in answers] == [
        (path, *expected) for path, _ in answers
    ]
    assert database.docs == before
