"""Entry point of `dispatch_api`."""

from functions.dispatch_api.admin_routes import admin
from functions.dispatch_api.routes import driver, drivers, handovers
from functions.dispatch_api.search_routes import searches
from shared.composition.drivers import DriverPorts
from shared.composition.public import create_app
from shared.edge.entry import entry_point

app = create_app(
    "dispatch_api",
    summary="Drivers register, go online and offline, and answer offers",
    routers=[drivers, driver, handovers, admin, searches],
    ports=DriverPorts,
)
dispatch_api = entry_point(app, "dispatch_api")
