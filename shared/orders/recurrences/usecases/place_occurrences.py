"""Place the orders of the occurrences that are due."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.batch import Batch, BatchResult, Queue
from shared.kernel.errors import DomainError, Unavailable
from shared.kernel.ids import NewId
from shared.kernel.timezones import ZoneUnknown
from shared.orders.ordering import OrderingRules
from shared.orders.ports import Catalogue, QuoteStore
from shared.orders.quotes import QuoteUsed
from shared.orders.recurrences.domain import (
    CustomerAccountClosed,
    OccurrenceNotPending,
    Recurrence,
    RecurrenceDecision,
    RecurrenceNotFound,
    RecurrenceRules,
    RecurrenceUnpaid,
    decided,
    end,
    postpone,
    record_failure,
    record_placed,
    stop,
)
from shared.orders.recurrences.ports import RecurrenceStore
from shared.orders.recurrences.usecases.place_occurrence import (
    PlaceOccurrence,
    occurrence_order_id,
    place_occurrence,
)
from shared.orders.usecases.quote import QuoteOrder, quote

CONCURRENCY = 30
"""An occurrence takes two commits, one after the other."""

MALFORMED = (ValueError, LookupError, ZoneUnknown)
"""The errors of a document that an operator has to look at, such as a zone that is no longer accepted."""


@dataclass(frozen=True, slots=True)
class PlacementPorts:
    """The ports and rules that placing an occurrence needs."""

    catalogue: Catalogue
    quotes: QuoteStore
    recurrences: RecurrenceStore
    rules: RecurrenceRules
    ordering: OrderingRules


async def place_occurrences(*, ports: PlacementPorts, batch: Batch, new_id: NewId) -> BatchResult:
    """Place the due occurrences, the longest due first; one failure stops no other.

    An occurrence has one order, however often this runs or fails: the order's id derives from the
    occurrence, and the recurrence advances in the commit that places it. So either the order is placed or
    the occurrence is skipped, never both.
    """
    job = _Job(ports, new_id)
    queue = Queue(
        id="orders-due-recurrences",
        name="recurrence_id",
        key=lambda recurrence: recurrence.id,
        load=ports.recurrences.due,
        handle=job.handle,
        concurrency=CONCURRENCY,
    )
    return await batch.run(queue)  # mutant: due-not-found


@dataclass(frozen=True, slots=True)
class _Job:
    ports: PlacementPorts
    new_id: NewId

    async def handle(self, recurrence: Recurrence, now: datetime) -> bool:
        """Place one occurrence; return False when another process or its customer was faster."""
        try:
            return await self._process(recurrence, now)
        except MALFORMED:
            await self._postpone(recurrence.id, now)
            raise

    async def _process(self, recurrence: Recurrence, now: datetime) -> bool:
        occurrence = recurrence.next_at
        if occurrence is None:
            return False
        try:
            await self._place(recurrence, occurrence, now)
        except OccurrenceNotPending:
            return False
        except Unavailable:
            raise
        except DomainError as error:
            await self._record(recurrence.id, occurrence, error, now)
            return isinstance(error, QuoteUsed)
        return True

    async def _place(self, recurrence: Recurrence, occurrence: datetime, now: datetime) -> None:
        ports = self.ports
        request = QuoteOrder(
            customer_id=recurrence.customer_id,
            merchant_id=recurrence.merchant_id,
            items=recurrence.items,
            dropoff=recurrence.dropoff,
            tip=recurrence.tip,
            scheduled_for=occurrence,
        )
        quoted = await quote(
            request,
            catalogue=ports.catalogue,
            quotes=ports.quotes,
            ordering=ports.ordering,
            now=now,
            new_id=self.new_id,
        )
        command = PlaceOccurrence(recurrence.id, recurrence.customer_id, occurrence, quoted.id)
        await place_occurrence(
            command, recurrences=ports.recurrences, rules=ports.rules, ordering=ports.ordering, now=now
        )

    async def _record(self, id_: str, occurrence: datetime, error: DomainError, now: datetime) -> None:
        """Record why the occurrence could not be placed.

        The recurrence of a customer whose account is closed, or who does not pay, ends. `QuoteUsed` means
        that the order exists and the recurrence has not advanced.
        """
        rules = self.ports.rules

        def decide(stored: Recurrence | None) -> RecurrenceDecision:
            if stored is None:
                raise RecurrenceNotFound
            if isinstance(error, CustomerAccountClosed):
                return decided(end(stored, error.code))
            if isinstance(error, RecurrenceUnpaid):
                return stop(stored, error.code, now)
            if isinstance(error, QuoteUsed):
                return decided(record_placed(stored, occurrence, occurrence_order_id(id_, occurrence), rules))
            return record_failure(stored, occurrence, error.code, now, rules)

        await self.ports.recurrences.change(id_, decide)

    async def _postpone(self, id_: str, now: datetime) -> None:
        """Process the others first from now on, so that malformed ones never fill a whole run."""

        def decide(stored: Recurrence | None) -> RecurrenceDecision:
            if stored is None:
                raise RecurrenceNotFound
            return decided(postpone(stored, now, self.ports.rules))

        with contextlib.suppress(DomainError):  # the next run tries again
            await self.ports.recurrences.change(id_, decide)
