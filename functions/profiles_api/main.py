"""Entry point of `profiles_api`."""

from functions.profiles_api import address_routes, inbox_routes, routes
from shared.composition.profiles import ProfilesPorts
from shared.composition.public import create_app
from shared.edge.entry import entry_point

app = create_app(
    "profiles_api",
    summary="Profile, addresses, devices and notifications",
    routers=[routes.router, address_routes.router, inbox_routes.inbox],
    ports=ProfilesPorts,
)
profiles_api = entry_point(app, "profiles_api")
