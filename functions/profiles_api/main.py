"""Entry point of `profiles_api`."""

from functions.profiles_api import address_routes, routes, wiring
from shared.edge.app import create_app, entry_point

app = create_app(
    "profiles_api",
    summary="Profile, addresses, devices and notifications",
    routers=[routes.router, address_routes.router],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
    rate_limiter=wiring.rate_limiter,
    dependencies=wiring.dependencies,
)
profiles_api = entry_point(app, "profiles_api")
