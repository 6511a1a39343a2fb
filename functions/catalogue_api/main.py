"""Entry point of `catalogue_api`."""

from functions.catalogue_api import admin_routes, block_routes, menu_routes, routes, wiring, zone_routes
from shared.edge.app import create_app, entry_point

app = create_app(
    "catalogue_api",
    summary="Merchants, their menus, which are near, and where orders are delivered",
    routers=[
        routes.router,
        menu_routes.router,
        block_routes.router,
        admin_routes.router,
        zone_routes.router,
        zone_routes.admin,
    ],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
    rate_limiter=wiring.rate_limiter,
    dependencies=wiring.dependencies,
)
catalogue_api = entry_point(app, "catalogue_api")
