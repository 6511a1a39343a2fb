"""`firestore.indexes.json` holds what the queries need. The emulator does not ask for it; Firestore does.

Nothing is indexed by itself: each collection is exempt as a whole, and the fields that are queried are
named. So no sequential field (`updated_at`, `version`) bounds a collection to 500 writes/s by accident.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from shared.adapters.firestore import notifications
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.blocks import FirestoreBlocks
from shared.adapters.firestore.catalogue import FirestoreApplications, FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.adapters.firestore.identity import FirestoreSecurity
from shared.adapters.firestore.memberships import members_of, memberships_of
from shared.adapters.firestore.menus import old_menus
from shared.adapters.firestore.orders import FirestoreOrders
from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.adapters.firestore.oversight import FirestoreOversight
from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.firestore.profiles import FirestoreInbox
from shared.adapters.firestore.recurrences import FirestoreRecurrences
from shared.adapters.firestore.reviews import FirestoreOrderCounts, FirestoreReviews
from shared.adapters.firestore.shop_blocks import FirestoreShopBlocks
from shared.adapters.firestore.verification import FirestoreVerification
from shared.adapters.firestore.zones import FirestoreZones
from shared.catalogue.ports import MerchantFilter, Spots
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.machine import ReviewState
from shared.dispatch.ports import DriverFilter
from shared.kernel.geo import Point
from shared.kernel.order import AssignmentState, Business, Fulfilment
from shared.orders.oversight import Attention, AttentionFilter, OversightFilter
from shared.orders.ports import OrderFilter
from shared.verification.domain import DocumentState
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.adapters.indexes import Indexes
from tests.unit.catalogue.shops import shop

ROOT = Path(__file__).parents[3]
ADAPTERS = ROOT / "shared" / "adapters"
INDEXES = Indexes(ROOT / "firestore.indexes.json")
SPOTS = Spots("8f60a2599000000", "8f60a25996db6db")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Site = tuple[str, str]
"""A module and the function in it that builds a query."""


def _filtered(role: str) -> OrderFilter:
    return OrderFilter(role, "uid", 20, states=(Fulfilment.READY, Fulfilment.PLACED), since=NOW, until=NOW)


async def _oversight(by: OversightFilter, store: DocumentStore) -> object:
    return await FirestoreOversight(store).orders(by)


async def _drivers(by: DriverFilter, store: DocumentStore) -> object:
    return await FirestoreDispatch(store).drivers(by)


PLACED_NOW = OrderFilter("customer", "uid", 20, since=NOW, until=NOW)

CALLS: Sequence[Callable[[DocumentStore], Awaitable[object]]] = (
    lambda store: FirestoreOrders(store).list_orders(OrderFilter("customer", "uid", 20)),
    lambda store: FirestoreOrders(store).list_orders(OrderFilter("merchant", "uid", 20)),
    lambda store: FirestoreOrders(store).list_orders(OrderFilter("driver", "uid", 20)),
    lambda store: FirestoreOrders(store).list_orders(_filtered("customer")),
    lambda store: FirestoreOrders(store).list_orders(_filtered("merchant")),
    lambda store: FirestoreOrders(store).list_orders(_filtered("driver")),
    lambda store: FirestoreOrders(store).list_orders(
        OrderFilter("customer", "uid", 20, since=NOW, until=NOW)
    ),
    lambda store: FirestoreOrders(store).due(NOW, 20),
    *(
        partial(_oversight, OversightFilter(20, states=states, business=business, since=NOW))
        for states in ((), (Fulfilment.READY, Fulfilment.PLACED))
        for business in (None, Business.FOOD)
    ),
    lambda store: FirestoreOversight(store).orders(OversightFilter(20, merchant_id="mer_1")),
    lambda store: FirestoreOversight(store).attention(AttentionFilter(Attention.OVERDUE, 20)),
    lambda store: FirestoreOversight(store).attention(AttentionFilter(Attention.ESCALATED, 20)),
    lambda store: FirestoreRecurrences(store).list_of_customer("uid", 20, ()),
    lambda store: FirestoreRecurrences(store).due(NOW, 20, None),
    lambda store: FirestoreInbox(store.database).newest("uid", 20, None),
    lambda store: FirestoreInbox(store.database).unread("uid"),
    lambda store: FirestoreSecurity(store).live_sessions("uid", NOW, 20),
    lambda store: FirestoreVerification(store).of_subject("uid", 20, None),
    lambda store: FirestoreVerification(store).in_state(DocumentState.SUBMITTED, 20, None),
    lambda store: FirestoreVerification(store).due(NOW, 20),
    lambda store: memberships_of(store.database, "uid"),
    lambda store: members_of(store.database, "mer_1"),
    lambda store: notifications.FirestoreInbox(store.database).entries("evt_1"),
    lambda store: FirestoreReviews(store).about("mer_1", 20, None),
    lambda store: FirestoreOrderCounts(store).as_customer("uid"),
    lambda store: FirestoreOrderCounts(store).as_customer("uid", Fulfilment.DELIVERED),
    lambda store: FirestoreOrderCounts(store).as_driver("uid", Fulfilment.DELIVERED),
    lambda store: FirestoreBlocks(store).blocks("uid", 20, None),
    lambda store: FirestoreBlocks(store).have_met("uid", "other"),
    lambda store: FirestoreShopBlocks(store).blocks("mer_1", 20, None),
    lambda store: old_menus(store, shop(menu_version=9, oldest_menu=1)),
    lambda store: FirestoreMerchants(store).any_near(Point(12.9716, 77.5946)),
    lambda store: FirestoreMerchants(store).search(MerchantFilter(), SPOTS, 20),
    lambda store: FirestoreMerchants(store).count(MerchantFilter(), SPOTS, 20),
    lambda store: FirestoreMerchants(store).search(
        MerchantFilter(True, "south indian", "dosa"), Spots(SPOTS.first, SPOTS.first, "mer_1"), 20
    ),
    lambda store: FirestoreApplications(store).with_status("pending", 20, None),
    lambda store: FirestoreApplications(store).with_status("approved", 20, None),
    lambda store: FirestoreApplications(store).reviews("mer_1", 20),
    lambda store: FirestoreZones(store.database).serving(Point(12.97, 77.59)),
    lambda store: FirestoreZones(store.database).any_created(),
    lambda store: FirestoreZones(store.database).active(20, None),
    lambda store: FirestorePayments(store).due_payments(NOW, 20),
    lambda store: FirestorePayments(store).due_refunds(NOW, 20),
    lambda store: FirestorePayments(store).orders_to_reconcile(NOW, 20),
    lambda store: FirestorePayments(store).payments_to_reconcile(NOW, 20),
    lambda store: FirestorePayments(store).orders_with_refund_due(NOW, 20),
    lambda store: FirestoreOutbox(store.database).stale(NOW, 20),
    lambda store: FirestoreRoles(store.database).operators(),
    lambda store: FirestoreDispatch(store).orders_to_check(NOW, 20),
    lambda store: FirestoreDispatch(store).open_offers(NOW, 20),
    lambda store: FirestoreDispatch(store).searching_orders(NOW, 20),
    lambda store: FirestoreDispatch(store).waiting_orders(AssignmentState.NONE, NOW, 20),
    lambda store: FirestoreDispatch(store).ended_orders(NOW, 20),
    *(
        partial(_drivers, DriverFilter(20, review=review, status=status))
        for review in (None, ReviewState.APPROVED, ReviewState.APPLIED)
        for status in (None, DriverStatus.ONLINE)
    ),
)
"""Every read of the adapters that is a query."""

OF_CLIENTS = (
    Query("orders", where=(("customer_id", "==", "uid"),)),
    Query("orders", where=(("merchant_id", "==", "mer_1"),)),
    Query("orders", where=(("assignment.driver_id", "==", "uid"),)),
    Query("orders", where=(("delayed_since", "<=", NOW),), order_by=("delayed_since",)),
    Query("offers", where=(("driver_id", "==", "uid"),)),
    Query("offers", where=(("driver_id", "==", "uid"), ("state", "==", "open"))),
    Query("payments", where=(("customer_id", "==", "uid"),)),
    Query("tips", where=(("customer_id", "==", "uid"),)),
    Query("reviews", where=(("author_id", "==", "uid"),)),
    Query("reviews", where=(("subject_id", "==", "uid"),)),
    Query("merchants", where=(("approved", "==", True),)),
    Query("staff", where=(("uid", "==", "uid"),), group=True),
    Query("users/uid/inbox", order_by=("-at",)),
)
"""The lists that the security rules allow an app to read."""


class Recorder:
    """Replaces `Query` in the adapters and records each query and its place."""

    def __init__(self) -> None:
        self.made: dict[Query, Site] = {}

    def __call__(self, *args: object, **kwargs: object) -> Query:
        frame = sys._getframe(1)
        query = Query(*args, **kwargs)  # type: ignore[arg-type]
        self.made[_hashable(query)] = (frame.f_globals["__name__"], frame.f_code.co_qualname)
        return query


def _hashable(query: Query) -> Query:
    where = tuple((field, operator, None) for field, operator, _ in query.where)
    return Query(query.collection, where, query.order_by, query.limit, (), query.group)


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(ADAPTERS.rglob("*.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        yield name, ast.parse(file.read_text())


def sites() -> set[Site]:
    """Every place in the adapters that calls `Query`."""
    return {(module, within) for module, tree in trees() for within in _building(tree, "", "Query")}


def collections() -> set[str]:
    """The name of every collection that an adapter keeps documents in."""
    found = {"idempotency"}
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Collection":
                found.add(ast.unparse(node.args[0]).removeprefix("f").strip("'\"").rpartition("/")[2])
    return found


def _building(node: ast.AST, within: str, name: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and ast.unparse(child.func) == name:
            yield within
        if isinstance(child, ast.ClassDef):
            yield from _building(child, f"{within}{child.name}.", name)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _building(child, f"{within}{child.name}", name)
        else:
            yield from _building(child, within, name)


@pytest.fixture
async def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The queries of the adapters when each of them is called once."""
    recorder = Recorder()
    for module, _ in sites():
        monkeypatch.setattr(importlib.import_module(module), "Query", recorder)
    for call in CALLS:
        await call(DocumentStore(MemoryDatabase(), MemoryBus()))
    return recorder


def test_every_query_of_the_adapters_is_checked(recorder: Recorder) -> None:
    assert set(recorder.made.values()) == sites(), "add the call that makes the new query to CALLS"


def test_every_query_of_the_adapters_has_its_indexes(recorder: Recorder) -> None:
    assert [lack for query in recorder.made for lack in INDEXES.missing(query)] == []


@pytest.mark.parametrize("query", OF_CLIENTS, ids=lambda query: f"{query.collection} {query.where}")
def test_the_lists_of_client_apps_have_their_indexes(query: Query) -> None:
    assert INDEXES.missing(query) == []


def test_no_composite_index_is_unused(recorder: Recorder) -> None:
    used = {index for query in recorder.made for index in INDEXES.serving(query)}
    assert [index for index in INDEXES.composites if index not in used] == []


@pytest.mark.parametrize("collection", sorted(collections()))
def test_no_field_of_a_collection_is_indexed_unless_it_is_named(collection: str) -> None:
    assert INDEXES.overrides.get((collection, "*")) == frozenset()


@pytest.mark.parametrize(
    "query",
    [
        Query("orders", where=(("customer_id", "==", "uid"),), order_by=("placed_at", "id")),
        Query("orders", where=(("customer_id", "==", "uid"),), order_by=("-placed_at",)),
        Query("orders", where=(("customer_id", "==", "uid"), ("updated_at", ">", NOW))),
        Query("orders", order_by=("-updated_at",)),
        Query("orders", where=(("assignment.round", "==", 1),)),
        Query("outbox", order_by=("-time",)),
        Query("inbox", order_by=("-at",), group=True),
    ],
)
def test_a_query_without_its_index_is_noticed(query: Query) -> None:
    assert len(INDEXES.missing(query)) == 1


def test_an_exempt_map_leaves_out_its_fields_but_those_that_are_named(tmp_path: Path) -> None:
    file = tmp_path / "indexes.json"
    overrides: list[dict[str, object]] = [
        {"collectionGroup": "orders", "fieldPath": "assignment", "indexes": []},
        {"collectionGroup": "orders", "fieldPath": "assignment.state", "indexes": [{"order": "ASCENDING"}]},
    ]
    file.write_text(json.dumps({"indexes": [], "fieldOverrides": overrides}))
    indexes = Indexes(file)
    assert indexes.missing(Query("orders", where=(("assignment.state", "==", "x"),))) == []
    assert len(indexes.missing(Query("orders", where=(("assignment.since", "==", NOW),)))) == 1
    assert indexes.missing(Query("orders", where=(("fulfilment", "==", "placed"),))) == []
