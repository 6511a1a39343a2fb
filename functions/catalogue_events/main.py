"""Entry point of `catalogue_events`."""

from functions.catalogue_events.routes import HANDLERS
from shared.composition.merchants import MerchantPorts
from shared.composition.private import create_event_app
from shared.edge.entry import entry_point

app = create_event_app("catalogue_events", HANDLERS, ports=MerchantPorts)
catalogue_events = entry_point(app, "catalogue_events")
