"""Entry point of `identity_api`."""

from functions.identity_api import admin_routes, routes, second_factor_routes
from shared.composition.identity import IdentityPorts
from shared.composition.public import create_app
from shared.edge.entry import entry_point

app = create_app(
    "identity_api",
    summary="Sessions, second factor, and the administration of accounts",
    routers=[routes.router, second_factor_routes.router, admin_routes.router],
    ports=IdentityPorts,
)
identity_api = entry_point(app, "identity_api")
