"""Entry point of `reviews_api`."""

from functions.reviews_api import block_routes, routes, wiring
from shared.edge.app import create_app, entry_point

app = create_app(
    "reviews_api",
    summary="Reviews after a delivery, statistics of a person, and blocks",
    routers=[routes.router, block_routes.router],
    settings=wiring.settings,
    tokens=wiring.tokens,
    roles=wiring.roles,
    rate_limiter=wiring.rate_limiter,
    dependencies=wiring.dependencies,
)
reviews_api = entry_point(app, "reviews_api")
