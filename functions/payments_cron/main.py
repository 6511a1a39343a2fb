"""Entry point of `payments_cron`."""

from functions.payments_cron.routes import router
from shared.composition.payment_gateway import GatewayPorts
from shared.composition.private import create_app
from shared.edge.entry import entry_point

app = create_app(
    "payments_cron",
    summary="Reconcile payments and refunds with the payment provider",
    routers=[router],
    ports=GatewayPorts,
)
payments_cron = entry_point(app, "payments_cron")
