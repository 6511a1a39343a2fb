"""No list without a bound in a stored document: each has a maximum, or the reason why it cannot grow."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import typing
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

import shared.adapters.firestore as adapters
from shared.adapters.firestore.change import KEPT_CHANGES
from shared.adapters.firestore.dispatch_orders import MAX_RANKINGS
from shared.adapters.firestore.timeline import MAX_OF_TYPE
from shared.catalogue.geometry import MAX_DEGREES
from shared.catalogue.hours import MAX_HOLIDAYS, MAX_SPANS_OF_DAY
from shared.catalogue.menu import Diet
from shared.catalogue.menu_checks import MAX_CATEGORIES, MAX_GROUPS, MAX_ITEMS, MAX_MODIFIERS
from shared.catalogue.owners import MAX_SHOPS
from shared.catalogue.search import MAX_TERMS
from shared.dispatch.domain import MAX_NOT_ASKED
from shared.dispatch.drivers import LOAD_CAP
from shared.dispatch.offers import MAX_RANKED_CANDIDATES
from shared.identity.second_factor import RECOVERY_CODES
from shared.identity.sessions import MAX_REVOKED
from shared.kernel.actor import Role
from shared.kernel.event import OrderEvent
from shared.kernel.ratings import MAX_STARS
from shared.notifications.topics import Topic
from shared.orders.domain import MAX_REPLACED, RequirementKind
from shared.orders.pricing import MAX_LINES
from shared.orders.recurrences.domain import MAX_ACTIVE, RecurrenceRules
from shared.orders.substitutions.domain import MAX_STORED_MODIFIERS, MAX_SUBSTITUTIONS
from shared.orders.unpaid import REMEMBERED, UnpaidRules
from shared.profiles.addresses import MAX_ADDRESSES
from shared.profiles.devices import MAX_DEVICES
from shared.profiles.preferences import MAX_CUISINES
from shared.reviews.blocks import MAX_NOT_MATCHED
from shared.reviews.domain import MAX_TAGS
from shared.verification.domain import VerificationRules

pytestmark = pytest.mark.mission("A1")


def _event_types(cls: type = OrderEvent) -> int:
    """Return how many types of events a timeline can have entries of."""
    return ("TYPE" in vars(cls)) + sum(map(_event_types, cls.__subclasses__()))


TIMELINE = MAX_OF_TYPE * _event_types()
RESERVED = MAX_LINES + MAX_SUBSTITUTIONS
PAID_LINKS = "each names money that was captured for one payment link, which can be paid for 15 minutes"
CELLS = f"a zone spans at most {MAX_DEGREES} degrees and never grows"

MAXIMA: Mapping[str, int | str] = {
    "adapters.Restrictions.revoked_sessions": MAX_REVOKED,
    "adapters.KeptSearch.excluded_drivers": MAX_NOT_ASKED,
    "adapters.KeptSearch.former_drivers": MAX_NOT_ASKED,
    "adapters.KeptSearch.rankings": MAX_RANKINGS,
    "adapters.Register.ids": MAX_ACTIVE,
    "adapters.Menu.items": MAX_ITEMS,
    "adapters.UnpaidRegister.ids": REMEMBERED + UnpaidRules().per_customer,
    "catalogue.Merchant.hours": 7 * MAX_SPANS_OF_DAY,
    "catalogue.Merchant.holidays": MAX_HOLIDAYS,
    "catalogue.Merchant.terms": MAX_TERMS,
    "catalogue.Merchant.stars": MAX_STARS,
    "catalogue.Holiday.spans": MAX_SPANS_OF_DAY,
    "catalogue.Menu.items": MAX_ITEMS,
    "catalogue.Menu.categories": MAX_CATEGORIES,
    "catalogue.MenuItem.dietary": len(Diet),
    "catalogue.MenuItem.modifier_groups": MAX_GROUPS,
    "catalogue.ShopOwner.merchants": MAX_SHOPS,
    "catalogue.Zone.cells": CELLS,
    "dispatch.Order.replaced_drivers": MAX_REPLACED,
    "dispatch.Assignment.excluded_drivers": MAX_NOT_ASKED,
    "dispatch.Assignment.former_drivers": MAX_NOT_ASKED,
    "dispatch.Driver.active_orders": LOAD_CAP,
    "dispatch.Driver.stars": MAX_STARS,
    "dispatch.Ranking.candidates": MAX_RANKED_CANDIDATES,
    "identity.AuditEntry.before": len(Role),
    "identity.AuditEntry.after": len(Role),
    "identity.SecondFactor.recovery": RECOVERY_CODES,
    "identity.Account.roles": len(Role),
    "identity.Account.revoked_sessions": MAX_REVOKED,
    "kernel.ModifierGroup.modifiers": MAX_MODIFIERS,
    "notifications.Notification.reached": MAX_DEVICES,
    "orders.Order.items": MAX_LINES,
    "orders.Order.timeline": TIMELINE,
    "orders.Order.requirements": len(RequirementKind),
    "orders.Order.reserved": RESERVED,
    "orders.Order.substitutions": MAX_SUBSTITUTIONS,
    "orders.Order.written_off": RESERVED,
    "orders.Order.replaced_drivers": MAX_REPLACED,
    "orders.SearchRecord.excluded_drivers": MAX_NOT_ASKED,
    "orders.SearchRecord.former_drivers": MAX_NOT_ASKED,
    "orders.Line.modifiers": MAX_STORED_MODIFIERS,
    "orders.MenuItem.modifier_groups": MAX_GROUPS,
    "orders.ItemRequest.modifiers": MAX_STORED_MODIFIERS,
    "orders.Quote.items": MAX_LINES,
    "orders.Recurrence.items": MAX_LINES,
    "orders.Recurrence.latest_orders": RecurrenceRules().max_unpaid,
    "orders.Tip.timeline": TIMELINE,
    "payments.Payment.unmatched_charge_ids": PAID_LINKS,
    "profiles.Profile.push_tokens": MAX_DEVICES,
    "profiles.Profile.device_sessions": MAX_DEVICES,
    "profiles.Profile.dietary": len(Diet),
    "profiles.Profile.cuisines": MAX_CUISINES,
    "profiles.Profile.muted": len(Topic),
    "profiles.Profile.addresses": MAX_ADDRESSES,
    "reviews.Person.ratings_given": MAX_STARS,
    "reviews.Person.ratings_as_customer": MAX_STARS,
    "reviews.Person.ratings_as_driver": MAX_STARS,
    "reviews.Person.not_matched": MAX_NOT_MATCHED,
    "reviews.Review.tags": MAX_TAGS,
    "reviews.ReviewableOrder.timeline": TIMELINE,
    "verification.VerificationRecord.pending": VerificationRules().max_pending,
    "verification.VerificationRecord.approved": VerificationRules().max_approved,
}
"""Every list of a stored class, by its context; a document of Firestore has at most 1 MiB."""

MOST = 2_000
"""Far from the megabyte: an entry of a timeline has some 150 bytes."""

COLLECTIONS = (tuple, list, set, frozenset, dict, Mapping, Sequence)


def test_fault_15_every_list_in_a_stored_document_has_a_maximum_or_a_reason() -> None:
    assert _stored_lists() == set(MAXIMA)
    assert all(0 < most <= MOST for most in MAXIMA.values() if isinstance(most, int))


def test_fault_15_the_trace_of_changes_in_a_document_is_short() -> None:
    assert KEPT_CHANGES <= 10


def test_the_guard_sees_a_list_in_a_list() -> None:
    @dataclasses.dataclass(frozen=True)
    class Inner:
        names: tuple[str, ...]

    @dataclasses.dataclass(frozen=True)
    class Outer:
        inner: tuple[Inner, ...] | None

    found: set[str] = set()
    _collect(Outer, found, {"Inner": Inner})
    assert found == {"unit.Outer.inner", "unit.Inner.names"}


@cache
def _stored_lists() -> set[str]:
    found: set[str] = set()
    for cls in _stored():
        _collect(cls, found)
    return found


def _stored() -> Iterator[type]:
    """Yield the classes of all collections: the second argument of `Collection`."""
    for module in pkgutil.iter_modules(adapters.__path__):
        loaded = importlib.import_module(f"{adapters.__name__}.{module.name}")
        for node in ast.walk(ast.parse(Path(str(loaded.__file__)).read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Collection":
                yield getattr(loaded, ast.unparse(node.args[1]))


def _collect(cls: type, found: set[str], names: dict[str, type] | None = None) -> None:
    context = cls.__module__.split(".")[1]
    hints = typing.get_type_hints(cls, localns=names)
    for field in dataclasses.fields(typing.cast(typing.Any, cls)):
        name = f"{context}.{cls.__name__}.{field.name}"
        for part in _parts(hints[field.name]):
            if dataclasses.is_dataclass(part):
                _collect(typing.cast(type, part), found, names)
            elif typing.get_origin(part) in COLLECTIONS:
                found.add(name)


def _parts(hint: object) -> Iterator[object]:
    """Yield a type and all that it is made of."""
    yield hint
    for part in typing.get_args(hint):
        yield from _parts(part)
