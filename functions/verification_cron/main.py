"""Entry point of `verification_cron`."""

from functions.verification_cron import routes
from shared.composition.private import create_app
from shared.composition.verification import VerificationPorts
from shared.edge.entry import entry_point

app = create_app(
    "verification_cron",
    summary="Expire verification documents, and notify their owners before",
    routers=[routes.router],
    ports=VerificationPorts,
)
verification_cron = entry_point(app, "verification_cron")
