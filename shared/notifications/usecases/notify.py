"""Tell everybody whom it concerns that something happened."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from typing import Any

from shared.kernel.errors import Unavailable
from shared.notifications.domain import (
    Happening,
    PushMessage,
    Reach,
    Recipient,
    compose,
    push_of,
    recipients,
    worth_pushing,
)
from shared.notifications.ports import Devices, Inbox, Push, Receipt
from shared.notifications.topics import may_ring

log = logging.getLogger(__name__)


async def notify(happening: Happening, *, devices: Devices, push: Push, inbox: Inbox, now: datetime) -> None:
    """Put it into every recipient's inbox, once per event and person, then push it to their devices.

    What a person has muted stays in their inbox; what they must know rings all the same.

    The inbox comes first: nothing that befalls the push service takes anything out of it. A push that
    failed, or that a crash kept from being sent or marked, is sent with the next delivery of the event;
    should the phone have it already, it replaces itself there. Everybody is tried before a failure is
    raised; a retry skips those who were told. Raises `Unavailable` when somebody could not be told now.
    """
    people = recipients(happening)
    await _all(
        _tell(happening, person, devices=devices, push=push, inbox=inbox, now=now) for person in people
    )


async def _tell(
    happening: Happening, person: Recipient, *, devices: Devices, push: Push, inbox: Inbox, now: datetime
) -> None:
    reach = await devices.reach(person.uid)
    note = compose(happening, person, reach.language)
    to_push = await inbox.record(person.uid, note)
    message = push_of(happening, note)
    rings = may_ring(happening.occasion, person.audience, reach.muted) and worth_pushing(message, now)
    if to_push and reach.tokens and rings:
        await _push(person.uid, reach, message, devices, push)
        await _mark(person.uid, note.id, now, inbox)


async def _push(uid: str, reach: Reach, message: PushMessage, devices: Devices, push: Push) -> None:
    receipts = await _all(push.send(token, message) for token in reach.tokens)
    for token, receipt in zip(reach.tokens, receipts, strict=True):
        if receipt is Receipt.DEAD_TOKEN:
            await _prune(uid, token, devices)


async def _mark(uid: str, notification_id: str, now: datetime, inbox: Inbox) -> None:
    """Note that the phones rang; failing to is no reason to ring them again."""
    try:
        await inbox.mark_pushed(uid, notification_id, now)
    except Unavailable as error:
        log.warning("push_not_marked", extra={"code": error.code})


async def _prune(uid: str, token: str, devices: Devices) -> None:
    """Forget a dead token; failing to is no reason to ring the other phones again."""
    try:
        await devices.forget(uid, token)
    except Unavailable as error:
        log.warning("dead_token_kept", extra={"code": error.code})


async def _all(work: Iterable[Awaitable[Any]]) -> Sequence[Any]:
    """Return all results; when some failed, raise one failure after all have ended.

    A failure that nobody foresaw goes before one that a retry cures: it must be seen.
    """
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        raise min(failures, key=lambda failure: isinstance(failure, Unavailable))
    return outcomes
