"""Entry point of `dispatch_events`."""

from functions.dispatch_events import wiring
from functions.dispatch_events.routes import HANDLERS
from shared.edge.app import entry_point
from shared.edge.events import create_event_app

app = create_event_app(
    "dispatch_events", HANDLERS, settings=wiring.settings, dependencies=wiring.dependencies
)
dispatch_events = entry_point(app, "dispatch_events")
