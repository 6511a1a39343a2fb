"""Entry point of `payments_webhooks`."""

from functions.payments_webhooks.routes import webhooks
from shared.composition.payments import PaymentsPorts
from shared.composition.webhooks import create_app
from shared.edge.app import entry_point

app = create_app(
    "payments_webhooks", summary="Webhooks of the payment gateways", routers=[webhooks], ports=PaymentsPorts
)
payments_webhooks = entry_point(app, "payments_webhooks")
