"""Entry point of `payments_events`."""

from functions.payments_events.routes import HANDLERS
from shared.composition.payment_gateway import GatewayPorts
from shared.composition.private import create_event_app
from shared.edge.entry import entry_point

app = create_event_app("payments_events", HANDLERS, ports=GatewayPorts)
payments_events = entry_point(app, "payments_events")
