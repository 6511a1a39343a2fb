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
    notification_id,
    push_of,
    recipients,
    worth_pushing,
)
from shared.notifications.ports import Devices, Inbox, Push, Receipt

log = logging.getLogger(__name__)


async def notify(happening: Happening, *, devices: Devices, push: Push, inbox: Inbox, now: datetime) -> None:
    """Push to every device of every recipient, then record it in the inbox: once per event and person.

    The record comes last, so that a crash repeats a push (which replaces itself on the phone) rather
    than losing it. Everybody is tried before a failure is raised; a retry skips those who were told.
    Raises `Unavailable` when somebody could not be told now.
    """
    people = recipients(happening)
    await _all(
        _tell(happening, person, devices=devices, push=push, inbox=inbox, now=now) for person in people
    )


async def _tell(
    happening: Happening, person: Recipient, *, devices: Devices, push: Push, inbox: Inbox, now: datetime
) -> None:
    if await inbox.has(person.uid, notification_id(happening.event_id, person.uid)):
        return
    reach = await devices.reach(person.uid)
    note = compose(happening, person, reach.language)
    message = push_of(happening, note)
    if worth_pushing(message, now):
        await _push(person.uid, reach, message, devices, push)
    await inbox.add(person.uid, note)


async def _push(uid: str, reach: Reach, message: PushMessage, devices: Devices, push: Push) -> None:
    receipts = await _all(push.send(token, message) for token in reach.tokens)
    for token, receipt in zip(reach.tokens, receipts, strict=True):
        if receipt is Receipt.DEAD_TOKEN:
            await _prune(uid, token, devices)


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
