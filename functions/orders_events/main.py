"""Entry point of `orders_events`."""

from functions.orders_events.handlers import HANDLERS
from shared.composition.orders import OrdersPorts
from shared.composition.private import create_event_app
from shared.edge.entry import entry_point

app = create_event_app("orders_events", HANDLERS, ports=OrdersPorts)
orders_events = entry_point(app, "orders_events")
