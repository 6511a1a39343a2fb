"""Entry point of `verification_api`."""

from functions.verification_api import admin_routes, routes, wiring
from shared.edge.app import create_app, entry_point

app = create_app(
    "verification_api",
    summary="Identity and licence documents: upload, submission and review",
    routers=[routes.router, admin_routes.router],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
    rate_limiter=wiring.rate_limiter,
    dependencies=wiring.dependencies,
)
verification_api = entry_point(app, "verification_api")
