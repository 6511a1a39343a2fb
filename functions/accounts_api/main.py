"""Entry point of `accounts_api`."""

from functions.accounts_api import wiring
from functions.accounts_api.routes import router
from shared.edge.app import create_app, entry_point

app = create_app(
    "accounts_api",
    summary="Profile, devices, notifications and reviews",
    routers=[router],
    settings=wiring.settings,
    tokens=wiring.tokens,
)
accounts_api = entry_point(app, "accounts_api")
