"""Entry point of `tracking_api`."""

from functions.tracking_api import wiring
from functions.tracking_api.routes import MAX_BODY, routes
from shared.edge.app import create_bare_app, entry_point

app = create_bare_app(
    "tracking_api",
    routes=routes,
    tokens=wiring.tokens,
    gate=wiring.gate,
    dependencies=wiring.dependencies,
    max_body=MAX_BODY,
)
tracking_api = entry_point(app, "tracking_api")
