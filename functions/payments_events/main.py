"""Entry point of `payments_events`."""

from functions.payments_events import wiring
from functions.payments_events.routes import HANDLERS
from shared.edge.app import entry_point
from shared.edge.events import create_event_app

app = create_event_app(
    "payments_events", HANDLERS, settings=wiring.settings, dependencies=wiring.dependencies
)
payments_events = entry_point(app, "payments_events")
