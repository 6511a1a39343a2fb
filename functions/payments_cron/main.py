"""Entry point of `payments_cron`."""

from functions.payments_cron import wiring
from functions.payments_cron.routes import router
from shared.edge.app import create_app, entry_point

app = create_app(
    "payments_cron",
    summary="Reconcile payments and refunds with the payment provider",
    routers=[router],
    settings=wiring.settings,
    dependencies=wiring.dependencies,
    private=True,
)
payments_cron = entry_point(app, "payments_cron")
