"""Entry point of `verification_api`."""

from functions.verification_api import admin_routes, routes
from shared.composition.public import create_app
from shared.composition.upload_processing import UploadPorts
from shared.edge.entry import entry_point

app = create_app(
    "verification_api",
    summary="Identity and licence documents: upload, submission and review",
    routers=[routes.router, admin_routes.router],
    ports=UploadPorts,
)
verification_api = entry_point(app, "verification_api")
