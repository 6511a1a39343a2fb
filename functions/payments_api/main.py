"""Entry point of `payments_api`."""

from functions.payments_api import wiring
from functions.payments_api.routes import payments
from shared.edge.app import create_app, entry_point

app = create_app(
    "payments_api",
    summary="Pay for orders",
    routers=[payments],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
    gate=wiring.gate,
    dependencies=wiring.dependencies,
)
payments_api = entry_point(app, "payments_api")
