"""Entry point of `payments_api`."""

from functions.payments_api.routes import payments
from shared.composition.payment_gateway import GatewayPorts
from shared.composition.public import create_app
from shared.edge.entry import entry_point

app = create_app("payments_api", summary="Pay for orders", routers=[payments], ports=GatewayPorts)
payments_api = entry_point(app, "payments_api")
