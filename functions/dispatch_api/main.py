"""Entry point of `dispatch_api`."""

from functions.dispatch_api import wiring
from functions.dispatch_api.routes import admin, driver, drivers
from shared.edge.app import create_app, entry_point

app = create_app(
    "dispatch_api",
    summary="Drivers register, go online and offline, and answer offers",
    routers=[drivers, driver, admin],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
    gate=wiring.gate,
    dependencies=wiring.dependencies,
)
dispatch_api = entry_point(app, "dispatch_api")
