"""Entry point of `accounts_api`."""

from functions.accounts_api import (
    address_routes,
    admin_routes,
    routes,
    second_factor_routes,
    session_routes,
    wiring,
)
from shared.edge.app import create_app, entry_point

app = create_app(
    "accounts_api",
    summary="Profile, addresses, sessions, second factor, devices and notifications",
    routers=[
        routes.router,
        address_routes.router,
        session_routes.router,
        second_factor_routes.router,
        admin_routes.router,
    ],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
    gate=wiring.gate,
    dependencies=wiring.dependencies,
)
accounts_api = entry_point(app, "accounts_api")
