"""Notify the recipients of a notification request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.kernel.device import device_id
from shared.kernel.errors import Unavailable
from shared.notifications.domain import (
    ContactPoints,
    Notification,
    NotificationRequest,
    PushMessage,
    Recipient,
    compose,
    is_current,
    notifies_staff,
    push_message,
    recipients,
)
from shared.notifications.ports import (
    Devices,
    Entry,
    Inbox,
    Memberships,
    Operators,
    Push,
    Receipt,
)
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
    """Push the notification to the devices of every recipient, and store it in their inboxes.

    The staff are those who belong to the merchant now, not when the event was made; so are the operators.

    A muted notification is in the inbox without a push; some cannot be muted. A notification is stored once,
    with whether it was pushed: after its push, or although its push failed, so that no failure of the push
    service loses it. The next delivery of the event sends a push that failed, or that a crash prevented; a
    phone that already shows it replaces it. All recipients are tried before an error is raised, and a retry
    skips the finished ones. Raises `Unavailable` when a recipient could not be notified now.
    """
    before = await inbox.entries(request.event_id)  # mutant: notified-again
    staff = await memberships.members(request.merchant_id) if notifies_staff(request) else ()
    on_duty = await operators.operators() if request.to_operators else ()
    people = recipients(request, staff, on_duty)
    notifier = _Notifier(request, before, devices, push, inbox, now)
    await _all(notifier.notify(person) for person in people)


@dataclass(frozen=True, slots=True)
class _Notifier:
    """Notifies the recipients of one request in one delivery of its event."""

    request: NotificationRequest
    before: Mapping[str, Entry]
    """What earlier deliveries have left in the inboxes, by notification."""
    devices: Devices
    push: Push
    inbox: Inbox
    now: datetime

    async def notify(self, person: Recipient) -> None:
        contact_points = await self.devices.contact_points(person.uid)
        note = compose(self.request, person, contact_points.language)
        before = self.before.get(note.id)
        if before and before.pushed:
            log.info("already_notified", extra={"event_id": note.event_id})
            return
        message = push_message(self.request, note)
        muted = not may_push(self.request.template_key, person.audience, contact_points.muted)
        if contact_points.tokens and not muted and is_current(message, self.now):
            note = replace(note, reached=tuple(sorted(before.reached)) if before else ())
            await self._push(person.uid, contact_points, message, note)
            note = replace(note, pushed_at=self.now, reached=())
        if before is None or note.pushed_at:
            await self.inbox.keep(person.uid, note)  # mutant: empty-inbox

    async def _push(
        self, uid: str, contact_points: ContactPoints, message: PushMessage, note: Notification
    ) -> None:
        """Push to every device that no earlier delivery reached.

        Where that fails for some, store the notification, with those it reached, before the error is raised.
        """
        devices = {device_id(token): token for token in contact_points.tokens}
        reached = [device for device in devices if device in note.reached]
        left = [device for device in devices if device not in note.reached]
        outcomes = await asyncio.gather(
            *(self.push.send(devices[device], message) for device in left), return_exceptions=True
        )
        for device, outcome in zip(left, outcomes, strict=True):
            if outcome is Receipt.DEAD_TOKEN:
                await _remove_dead_token(uid, devices[device], self.devices)
            elif outcome is Receipt.DELIVERED:
                reached.append(device)
        try:
            _raise_failure(outcomes)
        except Exception:
            await self.inbox.keep(uid, replace(note, reached=tuple(reached)))
            raise


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
    _raise_failure(outcomes)
    return outcomes


def _raise_failure(outcomes: Sequence[Any]) -> None:
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        raise min(failures, key=lambda failure: isinstance(failure, Unavailable))
