"""Entry point of `verification_cron`."""

from functions.verification_cron import wiring
from functions.verification_cron.routes import router
from shared.edge.app import create_app, entry_point

app = create_app(
    "verification_cron",
    summary="End papers whose last day is over, and tell their owners before",
    routers=[router],
    settings=wiring.settings,
    dependencies=wiring.dependencies,
    private=True,
)
verification_cron = entry_point(app, "verification_cron")
