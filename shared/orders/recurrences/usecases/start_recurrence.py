"""Start a recurrence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId
from shared.kernel.timezones import time_zone
from shared.orders.domain import Place
from shared.orders.ordering import OrderingRules, check_business
from shared.orders.ports import Catalogue
from shared.orders.pricing import ItemRequest, priced
from shared.orders.quotes import MerchantNotFound
from shared.orders.recurrences.calendar import MissingDays, check_rule
from shared.orders.recurrences.domain import (
    Recurrence,
    RecurrenceRules,
    check_active_limit,
    start,
)
from shared.orders.recurrences.ports import RecurrenceStore
from shared.orders.scheduling import check_schedule
from shared.orders.usecases.quote import check_welcome, way_m


@dataclass(frozen=True, slots=True)
class StartRecurrence:
    """The customer, the merchant, the items, the address and the schedule; `tip` in minor units."""

    customer_id: str
    merchant_id: str
    items: Sequence[ItemRequest]
    dropoff: Place
    tip: int
    rule: str
    timezone: str
    starts_at: datetime
    missing_days: MissingDays = MissingDays.SKIP


async def start_recurrence(
    command: StartRecurrence,
    *,
    catalogue: Catalogue,
    recurrences: RecurrenceStore,
    rules: RecurrenceRules,
    ordering: OrderingRules,
    now: datetime,
    new_id: NewId,
    idempotency: IdempotentRequest | None = None,
) -> Recurrence:
    """Return the recurrence with its first occurrence; each occurrence is priced when it is placed.

    Raises `RuleInvalid`, `ZoneUnknown`, `ScheduleOutOfBounds`, `MerchantNotFound`, `BusinessNotOpen`,
    `CustomerBlocked`, `OutOfRange`, `OutsideServiceZone`, `TooManyRecurrences` and the errors of pricing.
    """
    check_rule(command.rule, rules.frequencies)
    time_zone(command.timezone)
    check_schedule(command.starts_at, now, ordering.scheduling)
    shop = await catalogue.shop(command.merchant_id, command.dropoff)
    if shop is None or not shop.approved:
        raise MerchantNotFound
    check_business(shop.business, ordering)
    await check_welcome(shop, command.customer_id, catalogue)
    way_m(shop, command.dropoff)
    priced(command.items, shop.menu)
    started = start(_recurrence(command, new_id("rec"), now), rules)

    def decide(active: int) -> Recurrence:
        check_active_limit(active)
        return started

    return await recurrences.add(command.customer_id, decide, idempotency)


def _recurrence(command: StartRecurrence, id_: str, now: datetime) -> Recurrence:
    return Recurrence(
        id=id_,
        customer_id=command.customer_id,
        merchant_id=command.merchant_id,
        items=tuple(command.items),
        dropoff=command.dropoff,
        tip=command.tip,
        rule=command.rule,
        timezone=command.timezone,
        starts_at=command.starts_at,
        created_at=now,
        next_at=None,
        due_at=None,
        missing_days=command.missing_days,
    )
