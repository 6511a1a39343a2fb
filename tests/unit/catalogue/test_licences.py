"""Merchants sell with a good licence only, also when it ends while they are open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.catalogue_api.main import app
from functions.catalogue_events import routes
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.staff import MERCHANTS
from shared.catalogue.domain import Merchant
from shared.catalogue.opening import LicenceMissing, opens_at, takes_orders
from shared.catalogue.usecases.switch_merchant import SwitchMerchant, switch_merchant
from shared.composition.merchants import MerchantPorts
from shared.kernel.order import Business
from shared.verification.domain import ApprovedDocument, DocumentKind, VerificationRecord
from shared.verification.events import DocumentApproved, DocumentEvent, DocumentExpired, DocumentRejected
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.catalogue.shops import NOW, put, shop

pytestmark = [pytest.mark.mission("A6", "B1")]

YEAR = timedelta(days=365)
LOCAL_LICENCES = {"local": ["food_licence", "drug_licence"]}


class Street:
    """One closed merchant that needs a licence."""

    def __init__(self, **settings: Any) -> None:
        self.database = MemoryDatabase()
        self.ports = MerchantPorts(FakeRuntime(database=self.database, settings=settings))
        self.merchants, self.licences = self.ports.merchants, self.ports.licences
        put(self.database, shop(open=False))

    def show(self, kind: str = "", until: datetime = NOW + YEAR) -> None:
        """Let the shop have this approved licence and no other."""
        approved = (ApprovedDocument("doc_1", DocumentKind(kind), until),) if kind else ()
        self.database.seed(
            "verification_records/mer_1", to_document(VerificationRecord("mer_1", (), approved))
        )

    async def open(self) -> Merchant:
        command = SwitchMerchant("staff", "mer_1", open=True)
        return await switch_merchant(command, merchants=self.merchants, licences=self.licences, now=NOW)

    @property
    def shop(self) -> Merchant:
        return MERCHANTS.parse(self.database.data("merchants/mer_1"))

    async def tell(self, event: type[DocumentEvent], **changes: Any) -> None:
        said = {
            "subject_id": "mer_1",
            "subject_kind": "merchant",
            "owner_id": "staff",
            "kind": "food_licence",
        }
        told = event(id="evt_1", at=NOW, actor="adele", document_id="doc_1", **{**said, **changes})
        await routes.HANDLERS[event](told, self.ports, NOW)


@pytest.fixture
def street() -> Street:
    return Street()


async def test_a_merchant_opens_with_its_licence_and_is_open_until_that_ends(street: Street) -> None:
    street.show("food_licence")
    opened = await street.open()

    assert takes_orders(opened, NOW)
    assert takes_orders(opened, NOW + YEAR - timedelta(seconds=1))
    assert not takes_orders(opened, NOW + YEAR)
    assert opens_at(opened, NOW + YEAR) is None


@pytest.mark.parametrize(
    ("business", "kind", "opens"),
    [
        (Business.FOOD, "food_licence", True),
        (Business.FOOD, "drug_licence", False),
        (Business.FOOD, "", False),
        (Business.MED, "drug_licence", True),
        (Business.MED, "food_licence", False),
        (Business.LOCAL, "food_licence", True),
        (Business.LOCAL, "drug_licence", True),
        (Business.LOCAL, "", True),
    ],
)
async def test_the_licence_has_to_be_that_of_the_business(
    street: Street, business: Business, kind: str, opens: bool
) -> None:
    put(street.database, replace(shop(open=False), business=business))
    street.show(kind)

    if opens:
        assert (await street.open()).open
        return
    with pytest.raises(LicenceMissing):
        await street.open()
    assert not street.shop.open


@pytest.mark.parametrize(
    ("settings", "status", "code"),
    [({}, 200, None), ({"required_licences": LOCAL_LICENCES}, 409, "LICENCE_MISSING")],
    ids=["by default", "with a required licence"],
)
async def test_a_local_shop_needs_a_licence_only_if_the_operator_requires_one(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], status: int, code: str | None
) -> None:
    database = MemoryDatabase()
    run_on(app, FakeRuntime(database=database, settings=settings), monkeypatch)
    put(database, replace(shop(open=False), business=Business.LOCAL))

    answer = await Caller(app, "staff")("POST", "/api/v1/merchants/mer_1/open")

    assert (answer.status_code, answer.json().get("code")) == (status, code)


@pytest.mark.parametrize("kind", ["food_licence", "drug_licence"])
async def test_any_required_licence_opens_a_local_shop(kind: str) -> None:
    street = Street(required_licences=LOCAL_LICENCES)
    put(street.database, replace(shop(open=False), business=Business.LOCAL))
    street.show(kind)

    assert (await street.open()).open


async def test_a_licence_that_is_over_opens_nothing(street: Street) -> None:
    street.show("food_licence", NOW)
    with pytest.raises(LicenceMissing):
        await street.open()


async def test_a_shop_can_be_closed_without_any(street: Street) -> None:
    put(street.database, shop(open=True))
    command = SwitchMerchant("staff", "mer_1", open=False)
    closed = await switch_merchant(command, merchants=street.merchants, licences=street.licences, now=NOW)
    assert not closed.open


@pytest.mark.parametrize("event", [DocumentRejected, DocumentExpired])
async def test_who_loses_the_licence_is_closed(street: Street, event: type[DocumentEvent]) -> None:
    street.show("food_licence")
    await street.open()
    street.show()

    for _ in range(3):
        await street.tell(event)

    assert not street.shop.open


async def test_a_renewed_licence_keeps_an_open_shop_open(street: Street) -> None:
    street.show("food_licence")
    await street.open()
    street.show("food_licence", NOW + 2 * YEAR)

    await street.tell(DocumentApproved)

    assert takes_orders(street.shop, NOW + YEAR)


async def test_news_never_opens_a_shop(street: Street) -> None:
    street.show("food_licence")
    await street.tell(DocumentApproved)
    assert not street.shop.open


async def test_papers_of_people_concern_no_merchant(street: Street) -> None:
    street.show("food_licence")
    await street.open()
    await street.tell(DocumentRejected, subject_kind="person")
    assert street.shop.open
