"""One handler for every event that notifies a user: map the event to a request, then notify."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from functions.notifications_events.mapping import REQUEST_MAPPERS, RequestMapper
from shared.composition.notifications import NotificationsPorts
from shared.edge.events import EventHandler
from shared.kernel.event import Event
from shared.notifications.usecases.notify import notify


def _handler(to_request: RequestMapper) -> EventHandler:
    async def handle(event: Event, ports: NotificationsPorts, now: datetime) -> None:
        await notify(
            to_request(event),
            devices=ports.devices,
            memberships=ports.memberships,
            operators=ports.operators,
            push=ports.push,
            inbox=ports.inbox,
            now=now,
        )

    return handle


HANDLERS: Mapping[type[Event], EventHandler] = {
    event: _handler(to_request) for event, to_request in REQUEST_MAPPERS.items()
}
