"""Entry point of `notifications_events`."""

from functions.notifications_events.handlers import HANDLERS
from shared.composition.notifications import NotificationsPorts
from shared.composition.private import create_event_app
from shared.edge.entry import entry_point

app = create_event_app("notifications_events", HANDLERS, ports=NotificationsPorts)
notifications_events = entry_point(app, "notifications_events")
