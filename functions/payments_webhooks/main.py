"""Entry point of `payments_webhooks`."""

from functions.payments_webhooks.routes import routes
from shared.composition.payments import PaymentsPorts
from shared.composition.webhooks import create_app
from shared.edge.entry import entry_point

app = create_app("payments_webhooks", routes=routes, ports=PaymentsPorts)
payments_webhooks = entry_point(app, "payments_webhooks")
