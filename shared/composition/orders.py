"""The ports of orders."""

from __future__ import annotations

from functools import cached_property

from shared.composition.documents import DocumentPorts
from shared.edge.settings import OrderingSettings
from shared.orders.ordering import OrderingRules, usually_refused
from shared.orders.ports import Catalogue, Memberships, OrderStore, Oversight, QuoteStore
from shared.orders.recurrences.domain import RecurrenceRules
from shared.orders.recurrences.ports import RecurrenceStore
from shared.orders.recurrences.usecases.place_occurrences import PlacementPorts
from shared.orders.scheduling import SchedulingRules
from shared.orders.substitutions.ports import SubstitutionStore
from shared.orders.tips.ports import TipStore
from shared.orders.unpaid import UnpaidRules


class OrdersPorts(DocumentPorts):
    """What orders need, with their recurrences, substitutions and tips."""

    @cached_property
    def orders(self) -> OrderStore:
        """Return the orders."""
        from shared.adapters.firestore.orders import FirestoreOrders

        return FirestoreOrders(self.documents)

    @cached_property
    def oversight(self) -> Oversight:
        """Return the orders as operators read and change them."""
        from shared.adapters.firestore.oversight import FirestoreOversight

        return FirestoreOversight(self.documents)

    @cached_property
    def quotes(self) -> QuoteStore:
        """Return the quotes."""
        from shared.adapters.firestore.orders import FirestoreQuotes

        return FirestoreQuotes(self.documents)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the merchants and their menus."""
        from shared.adapters.firestore.shops import FirestoreCatalogue

        return FirestoreCatalogue(self.database)

    @cached_property
    def memberships(self) -> Memberships:
        """Return the staff of merchants."""
        from shared.adapters.firestore.memberships import FirestoreMemberships

        return FirestoreMemberships(self.database)

    @cached_property
    def recurrences(self) -> RecurrenceStore:
        """Return the recurrences."""
        from shared.adapters.firestore.recurrences import FirestoreRecurrences

        return FirestoreRecurrences(self.documents)

    @cached_property
    def substitutions(self) -> SubstitutionStore:
        """Return the substitutions."""
        from shared.adapters.firestore.substitutions import FirestoreSubstitutions

        return FirestoreSubstitutions(self.documents)

    @cached_property
    def tips(self) -> TipStore:
        """Return the tips after delivery."""
        from shared.adapters.firestore.tips import FirestoreTips

        return FirestoreTips(self.documents)

    @property
    def recurrence_rules(self) -> RecurrenceRules:
        """Return when occurrences are placed, retried and skipped."""
        return self.runtime.policy(RecurrenceRules)

    @property
    def ordering(self) -> OrderingRules:
        """Return the rules under which orders are quoted and placed."""
        named = self.runtime.settings(OrderingSettings).refused_businesses
        refused = usually_refused() if named is None else named
        return OrderingRules(self.runtime.policy(SchedulingRules), refused, self.runtime.policy(UnpaidRules))

    @cached_property
    def placement(self) -> PlacementPorts:
        """Return what placing an occurrence needs."""
        return PlacementPorts(
            catalogue=self.catalogue,
            quotes=self.quotes,
            recurrences=self.recurrences,
            rules=self.recurrence_rules,
            ordering=self.ordering,
        )
