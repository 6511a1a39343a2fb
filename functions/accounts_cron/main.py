"""Entry point of `accounts_cron`."""

from functions.accounts_cron import wiring
from functions.accounts_cron.routes import router
from shared.edge.app import create_app, entry_point

app = create_app(
    "accounts_cron",
    summary="End papers whose last day is over, and tell their owners before",
    routers=[router],
    settings=wiring.settings,
    dependencies=wiring.dependencies,
    private=True,
)
accounts_cron = entry_point(app, "accounts_cron")
