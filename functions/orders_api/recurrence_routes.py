"""The routes of recurrences."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.orders_api.recurrence_schemas import (
    RecurrencePage,
    RecurrenceRequest,
    RecurrenceSummary,
    RecurrenceView,
    SkipRequest,
)
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, ActiveVerifiedUser
from shared.edge.idempotency import IdempotencyKey, OptionalIdempotencyKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.kernel.timezones import ZoneUnknown
from shared.orders.ordering import BusinessNotOpen
from shared.orders.pricing import UnknownItem
from shared.orders.quotes import MerchantNotFound, OutOfRange, OutsideServiceZone
from shared.orders.recurrences import queries
from shared.orders.recurrences.calendar import RuleInvalid
from shared.orders.recurrences.domain import (
    OccurrenceNotPending,
    RecurrenceEnded,
    RecurrenceNotFound,
    TooManyRecurrences,
)
from shared.orders.recurrences.usecases.change_recurrence import (
    ChangeRecurrence,
    RecurrenceChange,
    change_recurrence,
)
from shared.orders.recurrences.usecases.start_recurrence import start_recurrence
from shared.orders.scheduling import ScheduleOutOfBounds

Ports = Annotated[OrdersPorts, PORTS]

recurrences = api_router("/api/v1/recurrences", tags=["recurring orders"])


@recurrences.post("", operation_id="startRecurrence", status_code=201)
@limited(CREATING)
@refuses(
    BusinessNotOpen,
    MerchantNotFound,
    OutOfRange,
    OutsideServiceZone,
    RuleInvalid,
    ScheduleOutOfBounds,
    TooManyRecurrences,
    UnknownItem,
    ZoneUnknown,
)
async def start(
    body: RecurrenceRequest,
    user: ActiveVerifiedUser,
    key: IdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> RecurrenceView:
    """Create a recurring order.

    Each occurrence is placed and priced a day ahead; pay it within six hours. The answer shows the next
    dates: a monthly order on the 29th to 31st skips months without that day, or is on their last day, as
    `missing_days` says.
    """
    started = await start_recurrence(
        body.command(user.uid),
        catalogue=ports.catalogue,
        recurrences=ports.recurrences,
        rules=ports.recurrence_rules,
        ordering=ports.ordering,
        now=now,
        new_id=new_id,
        idempotency=key.for_answer(RecurrenceView.of),
    )
    return RecurrenceView.of(started)


@recurrences.get("", operation_id="listRecurrences")
async def list_mine(
    user: ActiveUser,
    ports: Ports,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> RecurrencePage:
    """List your recurring orders.

    Newest first.
    """
    after = page_values(page_token_, (datetime, str))
    found = await ports.recurrences.list_of_customer(user.uid, page_size, after)
    full = len(found) == page_size
    token = page_token((found[-1].created_at, found[-1].id)) if full else ""
    return RecurrencePage(recurrences=[RecurrenceSummary.of(one) for one in found], next_page_token=token)


@recurrences.get("/{recurrence_id}", operation_id="getRecurrence")
@refuses(RecurrenceNotFound)
async def read(recurrence_id: IdPath, user: ActiveUser, ports: Ports) -> RecurrenceView:
    """Get a recurring order.

    For its customer.
    """
    found = await queries.get_recurrence(recurrence_id, user.uid, recurrences=ports.recurrences)
    return RecurrenceView.of(found)


@recurrences.post("/{recurrence_id}/skip", operation_id="skipOccurrence")
@refuses(OccurrenceNotPending, RecurrenceEnded, RecurrenceNotFound)
async def skip(
    recurrence_id: IdPath,
    user: ActiveVerifiedUser,
    key: IdempotencyKey,
    ports: Ports,
    body: SkipRequest | None = None,
) -> RecurrenceView:
    """Skip the next occurrence of a recurring order.

    An occurrence that was placed already is cancelled as any order.
    """
    occurrence = body.occurrence if body else None
    command = ChangeRecurrence(user.uid, recurrence_id, RecurrenceChange.SKIP_NEXT, occurrence)
    return await _change(command, key, ports)


@recurrences.post("/{recurrence_id}/end", operation_id="endRecurrence")
@refuses(RecurrenceNotFound)
async def end(
    recurrence_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports
) -> RecurrenceView:
    """End a recurring order.

    No further occurrence is placed.
    """
    return await _change(ChangeRecurrence(user.uid, recurrence_id, RecurrenceChange.END), key, ports)


async def _change(
    command: ChangeRecurrence, key: OptionalIdempotencyKey, ports: OrdersPorts
) -> RecurrenceView:
    idempotency = key.for_answer(RecurrenceView.of) if key else None
    changed = await change_recurrence(
        command, recurrences=ports.recurrences, rules=ports.recurrence_rules, idempotency=idempotency
    )
    return RecurrenceView.of(changed)
