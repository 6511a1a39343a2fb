"""Responses of `payments_webhooks`; the requests' shape is the provider's and read by its adapter."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class Received(ResponseModel):
    """The news need not be told again."""

    received: bool = True
