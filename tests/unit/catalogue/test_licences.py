"""Merchants sell with a good licence only, also when it ends while they are open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.catalogue_api import wiring as api_wiring
from functions.catalogue_events import routes, wiring
from shared.adapters.firestore.catalogue import FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.licences import FirestoreLicences
from shared.adapters.firestore.staff import MERCHANTS
from shared.catalogue.domain import Merchant
from shared.catalogue.opening import LicenceMissing, opens_at, takes_orders
from shared.catalogue.usecases.switch_merchant import SwitchMerchant, switch_merchant
from shared.kernel.licence import Licence
from shared.kernel.order import Business
from shared.verification.domain import ApprovedDocument, DocumentKind, VerificationRecord
from shared.verification.events import DocumentApproved, DocumentEvent, DocumentExpired, DocumentRejected
from shared.verification.requirements import RequirementPolicy
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.shops import NOW, put, shop

pytestmark = [pytest.mark.mission("A6", "B1")]

YEAR = timedelta(days=365)
LOCAL_LICENCES = {Business.LOCAL: frozenset({Licence.FOOD, Licence.DRUG})}


class Street:
    """One closed shop, where licences are asked for."""

    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self.merchants = FirestoreMerchants(DocumentStore(self.database, MemoryBus()))
        self.licences = FirestoreLicences(self.database, RequirementPolicy())
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
        await routes.HANDLERS[event](told)


@pytest.fixture
def street(monkeypatch: pytest.MonkeyPatch) -> Street:
    street = Street()
    monkeypatch.setattr(wiring, "merchants", lambda: street.merchants)
    monkeypatch.setattr(wiring, "licences", lambda: street.licences)
    monkeypatch.setattr(routes, "utc_now", lambda: NOW)
    return street


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


@pytest.mark.parametrize(("required", "status"), [(False, 200), (True, 409)])
async def test_a_local_shop_needs_a_licence_only_where_the_operator_requires_one(
    call: Caller, database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch, required: bool, status: int
) -> None:
    policy = RequirementPolicy(licences=LOCAL_LICENCES if required else {})
    monkeypatch.setattr(api_wiring, "licences", lambda: FirestoreLicences(database, policy))
    put(database, replace(shop(open=False), business=Business.LOCAL))

    answer = await call("POST", "/api/v1/merchants/mer_1/open")

    assert (answer.status_code, answer.json().get("code")) == (
        status,
        "LICENCE_MISSING" if required else None,
    )


@pytest.mark.parametrize("kind", ["food_licence", "drug_licence"])
async def test_any_licence_meets_the_requirement_of_a_local_shop(street: Street, kind: str) -> None:
    street.licences = FirestoreLicences(street.database, RequirementPolicy(licences=LOCAL_LICENCES))
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
