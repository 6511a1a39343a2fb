"""Describe the bare routes of `routes.py` for OpenAPI. This router is never served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.routing import Route

from functions.payments_webhooks.routes import routes
from functions.payments_webhooks.schemas import Received
from shared.edge.refusals import refusals_of, refuses

router = APIRouter(tags=["webhooks"])


def _described(route: Route) -> Callable[[], Awaitable[Received]]:
    @refuses(*refusals_of(route.endpoint))
    async def receive() -> Received:
        """Receive a webhook of a payment gateway.

        The gateway's signature over the raw body is the authorisation. It repeats an event until it gets a
        2xx answer.
        """
        raise LookupError

    return receive


for route in routes:
    router.post(route.path, operation_id=route.name)(_described(route))
