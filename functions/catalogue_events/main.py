"""Entry point of `catalogue_events`."""

from functions.catalogue_events import wiring
from functions.catalogue_events.routes import HANDLERS
from shared.edge.app import entry_point
from shared.edge.events import create_event_app

app = create_event_app(
    "catalogue_events", HANDLERS, settings=wiring.settings, dependencies=wiring.dependencies
)
catalogue_events = entry_point(app, "catalogue_events")
