"""Entry point of `tracking_api`."""

from functions.tracking_api.routes import MAX_BODY, routes
from shared.composition.tracking import create_app
from shared.edge.entry import entry_point

app = create_app("tracking_api", routes=routes, max_body=MAX_BODY)
tracking_api = entry_point(app, "tracking_api")
