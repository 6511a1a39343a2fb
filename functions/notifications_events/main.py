"""Entry point of `notifications_events`."""

from functions.notifications_events import wiring
from functions.notifications_events.handlers import HANDLERS
from shared.edge.app import entry_point
from shared.edge.events import create_event_app

app = create_event_app(
    "notifications_events", HANDLERS, settings=wiring.settings, dependencies=wiring.dependencies
)
notifications_events = entry_point(app, "notifications_events")
