"""Entry point of `tracking_api`."""

from typing import cast

from fastapi import FastAPI
from starlette.applications import Starlette

from functions.tracking_api import wiring
from functions.tracking_api.routes import MAX_BODY, routes
from shared.edge import errors, logging
from shared.edge.app import entry_point
from shared.edge.context import RequestContext

logging.configure()
app = Starlette(routes=routes)
app.state.tokens = wiring.tokens
errors.install(cast(FastAPI, app))  # it uses no more of it than Starlette has
app.add_middleware(RequestContext, function="tracking_api", max_body=MAX_BODY)
tracking_api = entry_point(app, "tracking_api")
