"""Entry point of `catalogue_api`."""

from functions.catalogue_api import wiring
from functions.catalogue_api.routes import admin, router
from shared.edge.app import create_app, entry_point

app = create_app(
    "catalogue_api",
    summary="Merchants, their menus, and which are near",
    routers=[router, admin],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
)
catalogue_api = entry_point(app, "catalogue_api")
