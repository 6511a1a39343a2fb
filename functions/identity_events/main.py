"""Entry point of `identity_events`."""

from functions.identity_events.handlers import HANDLERS
from shared.composition.identity import IdentityPorts
from shared.composition.private import create_event_app
from shared.edge.entry import entry_point

app = create_event_app("identity_events", HANDLERS, ports=IdentityPorts)
identity_events = entry_point(app, "identity_events")
