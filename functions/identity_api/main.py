"""Entry point of `identity_api`."""

from functions.identity_api import admin_routes, routes, second_factor_routes, wiring
from shared.edge.app import create_app, entry_point

app = create_app(
    "identity_api",
    summary="Sessions, second factor, and the administration of accounts",
    routers=[routes.router, second_factor_routes.router, admin_routes.router],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
    rate_limiter=wiring.rate_limiter,
    dependencies=wiring.dependencies,
)
identity_api = entry_point(app, "identity_api")
