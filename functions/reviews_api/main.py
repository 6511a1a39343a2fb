"""Entry point of `reviews_api`."""

from functions.reviews_api import block_routes, routes
from shared.composition.public import create_app
from shared.composition.reviews import ReviewsPorts
from shared.edge.entry import entry_point

app = create_app(
    "reviews_api",
    summary="Reviews after a delivery, statistics of a person, and blocks",
    routers=[routes.router, block_routes.router],
    ports=ReviewsPorts,
)
reviews_api = entry_point(app, "reviews_api")
