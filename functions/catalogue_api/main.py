"""Entry point of `catalogue_api`."""

from functions.catalogue_api import (
    admin_routes,
    block_routes,
    menu_routes,
    opening_routes,
    routes,
    zone_routes,
)
from shared.composition.catalogue import CataloguePorts
from shared.composition.public import create_app
from shared.edge.entry import entry_point

app = create_app(
    "catalogue_api",
    summary="Merchants, their menus, which are near, and where orders are delivered",
    routers=[
        routes.router,
        opening_routes.opening,
        menu_routes.router,
        block_routes.router,
        admin_routes.router,
        zone_routes.router,
        zone_routes.admin,
    ],
    ports=CataloguePorts,
)
catalogue_api = entry_point(app, "catalogue_api")
