"""Entry point of `payments_webhooks`."""

from functions.payments_webhooks import wiring
from functions.payments_webhooks.routes import webhooks
from shared.edge.app import create_app, entry_point

app = create_app(
    "payments_webhooks",
    summary="Webhooks of the payment provider",
    routers=[webhooks],
    settings=wiring.settings,
    dependencies=wiring.dependencies,
)
payments_webhooks = entry_point(app, "payments_webhooks")
