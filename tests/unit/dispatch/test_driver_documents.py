"""Drivers need valid verification documents, also while they are online."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.dispatch_events import main, routes
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.licences import FirestoreDriverDocuments
from shared.dispatch.drivers import Driver, DriverStatus, VerificationDocumentsNotValid
from shared.dispatch.usecases.go_online import GoOnline, go_online
from shared.dispatch.usecases.make_offer import Outcome
from shared.edge import events
from shared.kernel.vehicle import DriverDocument, Vehicle
from shared.verification.domain import ApprovedDocument, DocumentKind, VerificationRecord
from shared.verification.events import DocumentApproved, DocumentEvent, DocumentExpired, DocumentRejected
from shared.verification.requirements import RequirementPolicy
from tests.fakes.runtime import run_on
from tests.unit.dispatch.world import World, north

pytestmark = [pytest.mark.mission("A6", "E6")]

LICENCE, IDENTITY = DocumentKind.DRIVING_LICENCE, DocumentKind.IDENTITY


@pytest.fixture
def strict(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Require verification documents."""
    world.driver_documents = FirestoreDriverDocuments(world.database, RequirementPolicy())
    run_on(main.app, world.runtime(), monkeypatch, **world.ports())
    return world


def show(world: World, **until: datetime | None) -> None:
    """Store what a scooter requires as approved for `asha`: without an end, or valid until these moments."""
    without_end: dict[str, datetime | None] = {kind.value: None for kind in DriverDocument}
    show_only(world, **{**without_end, **until})


def show_only(world: World, **until: datetime | None) -> None:
    """Store approved documents of `asha` alone, valid until these moments."""
    approved = tuple(ApprovedDocument(f"doc_{kind}", DocumentKind(kind), end) for kind, end in until.items())
    world.database.seed("verification_records/asha", to_document(VerificationRecord("asha", (), approved)))


async def online(world: World) -> Driver:
    command = GoOnline("asha", north(100))
    return await go_online(
        command, store=world.store, index=world.index, driver_documents=world.driver_documents, now=world.now
    )


async def tell(event: type[DocumentEvent], at: datetime, **changes: Any) -> None:
    said = {"subject_id": "asha", "subject_kind": "person", "owner_id": "asha", "kind": "identity"}
    occurred = event(id="evt_1", at=at, actor="adele", document_id="doc_1", **{**said, **changes})
    await events.given(routes.HANDLERS[event], main.app.state)(occurred)


async def test_with_all_documents_a_driver_goes_online_until_the_first_expires(strict: World) -> None:
    await strict.add_driver("asha", status=DriverStatus.OFFLINE)
    end = strict.now + timedelta(days=30)
    show(strict, driving_licence=end)

    assert ((await online(strict)).status, strict.driver("asha").documents_valid_until) == (
        DriverStatus.ONLINE,
        end,
    )


@pytest.mark.parametrize(
    "documents",
    [
        {},
        {"driving_licence": 10, "identity": 10},
        {"driving_licence": 10, "identity": 10, "insurance": 10},
        {"driving_licence": 10, "identity": 10, "vehicle_registration": 10},
        {"driving_licence": 0, "identity": 10, "insurance": 10, "vehicle_registration": 10},
        {"driving_licence": 10, "identity": 10, "insurance": -1, "vehicle_registration": 10},
        {"food_licence": 10, "identity": 10, "insurance": 10, "vehicle_registration": 10},
    ],
    ids=str,
)
async def test_a_driver_who_lacks_a_document_of_the_vehicle_cannot_go_online(
    strict: World, documents: dict[str, int]
) -> None:
    await strict.add_driver("asha", status=DriverStatus.OFFLINE)
    if documents:
        show_only(strict, **{kind: strict.now + timedelta(days=days) for kind, days in documents.items()})

    with pytest.raises(VerificationDocumentsNotValid):
        await online(strict)
    assert strict.driver("asha").status is DriverStatus.OFFLINE


async def test_a_courier_on_a_bicycle_proves_their_identity_alone(strict: World) -> None:
    await strict.add_driver("asha", status=DriverStatus.OFFLINE, vehicle=Vehicle.BICYCLE)
    show_only(strict, identity=None)

    assert (await online(strict)).status is DriverStatus.ONLINE


async def test_an_operator_decides_what_a_vehicle_requires(world: World) -> None:
    own = {Vehicle.BICYCLE: frozenset({DriverDocument.IDENTITY, DriverDocument.INSURANCE})}
    world.driver_documents = FirestoreDriverDocuments(world.database, RequirementPolicy(driver_documents=own))
    await world.add_driver("asha", status=DriverStatus.OFFLINE, vehicle=Vehicle.BICYCLE)
    show_only(world, identity=None)
    with pytest.raises(VerificationDocumentsNotValid):
        await online(world)

    show_only(world, identity=None, insurance=None)
    assert (await online(world)).status is DriverStatus.ONLINE


async def test_no_documents_are_needed_where_none_are_required(world: World) -> None:
    await world.add_driver("asha", status=DriverStatus.OFFLINE)
    driver = await online(world)
    assert (driver.status, driver.documents_valid_until) == (DriverStatus.ONLINE, None)


async def test_no_offer_is_made_after_the_licence_expired_even_without_an_event(strict: World) -> None:
    await strict.add_driver("asha")
    show(strict, driving_licence=strict.now + timedelta(minutes=5))
    await online(strict)
    strict.wait(timedelta(minutes=5))
    await strict.ping("asha")
    strict.add_order()

    assert await strict.search() is Outcome.POSTPONED
    assert strict.offers() == []


async def test_an_offer_cannot_be_accepted_after_the_licence_expired(strict: World) -> None:
    await strict.add_driver("asha")
    show(strict, driving_licence=strict.now + timedelta(seconds=10))
    await online(strict)
    strict.add_order()
    assert await strict.search() is Outcome.OFFERED
    strict.wait(timedelta(seconds=10))

    with pytest.raises(VerificationDocumentsNotValid):
        await strict.accept("asha")


@pytest.mark.parametrize("event", [DocumentRejected, DocumentExpired])
async def test_repeated_events_of_a_lost_document_set_the_driver_offline_once(
    strict: World, event: type[DocumentEvent]
) -> None:
    await strict.add_driver("asha")
    show(strict, driving_licence=strict.now + timedelta(days=1))
    await online(strict)
    show_only(strict, driving_licence=strict.now + timedelta(days=1))

    for _ in range(3):
        await tell(event, strict.now)

    assert strict.driver("asha").status is DriverStatus.OFFLINE


async def test_a_renewed_licence_lets_an_online_driver_continue(strict: World) -> None:
    await strict.add_driver("asha")
    show(strict, driving_licence=strict.now + timedelta(minutes=5))
    await online(strict)
    later = strict.now + timedelta(days=365)
    show(strict, driving_licence=later)

    await tell(DocumentApproved, strict.now)

    assert strict.driver("asha").documents_valid_until == later
    strict.wait(timedelta(minutes=6))
    await strict.ping("asha")
    strict.add_order()
    assert await strict.search() is Outcome.OFFERED


async def test_a_late_rejection_event_does_not_stop_a_driver_with_valid_documents(strict: World) -> None:
    await strict.add_driver("asha")
    show(strict, driving_licence=strict.now + timedelta(days=1))
    await online(strict)

    await tell(DocumentRejected, strict.now - timedelta(hours=1))

    assert strict.driver("asha").status is DriverStatus.ONLINE


async def test_a_driver_set_offline_keeps_their_active_orders(strict: World) -> None:
    await strict.add_driver("asha", active_orders=("ord_1",))
    await tell(DocumentRejected, strict.now)
    assert strict.driver("asha").active_orders == ("ord_1",)


async def test_documents_of_other_users_and_of_merchants_concern_no_driver(strict: World) -> None:
    await strict.add_driver("asha")
    await tell(DocumentRejected, strict.now, subject_id="unknown")
    await tell(DocumentRejected, strict.now, subject_kind="merchant")
    assert strict.driver("asha").status is DriverStatus.ONLINE


async def test_a_rejection_during_going_online_counts_although_its_event_came_before(
    strict: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await strict.add_driver("asha", status=DriverStatus.OFFLINE)
    show(strict, driving_licence=strict.now + timedelta(days=1))
    change = strict.store.change

    async def overtaken(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(strict.store, "change", change)
        show_only(strict)
        await tell(DocumentRejected, strict.now)
        return await change(*args, **kwargs)

    monkeypatch.setattr(strict.store, "change", overtaken)

    assert (await online(strict)).status is DriverStatus.OFFLINE
    assert strict.driver("asha").status is DriverStatus.OFFLINE
