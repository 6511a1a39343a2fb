"""Entry point of `dispatch_events`."""

from functions.dispatch_events.routes import HANDLERS
from shared.composition.dispatch import DispatchPorts
from shared.composition.private import create_event_app
from shared.edge.entry import entry_point

app = create_event_app("dispatch_events", HANDLERS, ports=DispatchPorts)
dispatch_events = entry_point(app, "dispatch_events")
