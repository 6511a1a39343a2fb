"""Notify the recipients of a notification request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from typing import Any

from shared.kernel.errors import Unavailable
from shared.notifications.domain import (
    ContactPoints,
    NotificationRequest,
    PushMessage,
    Recipient,
    compose,
    is_current,
    notifies_staff,
    push_message,
    recipients,
)
from shared.notifications.ports import Devices, Inbox, Memberships, Operators, Push, Receipt
from shared.notifications.topics import may_push

log = logging.getLogger(__name__)


async def notify(
    request: NotificationRequest,
    *,
    devices: Devices,
    memberships: Memberships,
    operators: Operators,
    push: Push,
    inbox: Inbox,
    now: datetime,
) -> None:
    """Store the notification in the inbox of every recipient, then push it to their devices.

    The staff are those who belong to the merchant now, not when the event was made; so are the operators.

    A muted notification stays in the inbox without a push; some cannot be muted. The inbox comes first, so
    that a failure of the push service loses nothing. The next delivery of the event sends a push that
    failed, or that a crash prevented; a phone that already shows it replaces it. All recipients are tried
    before an error is raised, and a retry skips the finished ones. Raises `Unavailable` when a recipient
    could not be notified now.
    """
    staff = await memberships.members(request.merchant_id) if notifies_staff(request) else ()
    on_duty = await operators.operators() if request.to_operators else ()
    people = recipients(request, staff, on_duty)
    await _all(
        _notify_recipient(request, person, devices=devices, push=push, inbox=inbox, now=now)
        for person in people
    )


async def _notify_recipient(
    request: NotificationRequest,
    person: Recipient,
    *,
    devices: Devices,
    push: Push,
    inbox: Inbox,
    now: datetime,
) -> None:
    contact_points = await devices.contact_points(person.uid)
    note = compose(request, person, contact_points.language)
    to_push = await inbox.record(person.uid, note)  # mutant: empty-inbox
    message = push_message(request, note)
    may_disturb = may_push(request.template_key, person.audience, contact_points.muted) and is_current(
        message, now
    )
    if to_push and contact_points.tokens and may_disturb:
        await _push(person.uid, contact_points, message, devices, push)
        await _mark_pushed(person.uid, note.id, now, inbox)


async def _push(
    uid: str, contact_points: ContactPoints, message: PushMessage, devices: Devices, push: Push
) -> None:
    receipts = await _all(push.send(token, message) for token in contact_points.tokens)
    for token, receipt in zip(contact_points.tokens, receipts, strict=True):
        if receipt is Receipt.DEAD_TOKEN:
            await _remove_dead_token(uid, token, devices)


async def _mark_pushed(uid: str, notification_id: str, now: datetime, inbox: Inbox) -> None:
    """Store that the push was sent; a failure is logged, because the push must not be repeated."""
    try:
        await inbox.mark_pushed(uid, notification_id, now)
    except Unavailable as error:
        log.warning("push_not_marked", extra={"code": error.code})


async def _remove_dead_token(uid: str, token: str, devices: Devices) -> None:
    """Remove a dead token; a failure is logged, because the push to other devices must not be repeated."""
    try:
        await devices.remove_token(uid, token)
    except Unavailable as error:
        log.warning("dead_token_not_removed", extra={"code": error.code})


async def _all(work: Iterable[Awaitable[Any]]) -> Sequence[Any]:
    """Return all results; if some failed, raise one of the errors after all have ended.

    An unexpected error takes precedence over `Unavailable`, so that it is noticed.
    """
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        raise min(failures, key=lambda failure: isinstance(failure, Unavailable))
    return outcomes
