"""One handler for every event that somebody is told of: translate, then notify."""

from __future__ import annotations

from collections.abc import Mapping

from functions.notifications_events import wiring
from functions.notifications_events.translation import TRANSLATIONS, Translation
from shared.edge.events import EventHandler
from shared.kernel.clock import utc_now
from shared.kernel.event import Event
from shared.notifications.usecases.notify import notify


def _handler(translate: Translation) -> EventHandler:
    async def handle(event: Event) -> None:
        await notify(
            translate(event),
            devices=wiring.devices(),
            push=wiring.push(),
            inbox=wiring.inbox(),
            now=utc_now(),
        )

    return handle


HANDLERS: Mapping[type[Event], EventHandler] = {
    event: _handler(translate) for event, translate in TRANSLATIONS.items()
}
