"""Event functions: messages as Eventarc or Pub/Sub posts them, decoded and given to one handler each."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar, cast

from fastapi import FastAPI, Header, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from shared.edge.app import api_router, create_app
from shared.edge.context import incoming_trace
from shared.edge.health import Dependencies
from shared.edge.runtime import EdgeRuntime
from shared.edge.settings import Settings
from shared.kernel.errors import DomainError, Malformed, Unavailable
from shared.kernel.event import Event
from shared.kernel.trace import current_trace
from shared.schema import schema

MESSAGE_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
E = TypeVar("E", bound=Event)
EventHandler = Callable[..., Awaitable[None]]
"""Handles one event: given the event, the ports of the function and the time."""

log = logging.getLogger("waybill.event")


class NotAnEvent(Malformed):
    """The request is not a Pub/Sub message."""

    code = "NOT_AN_EVENT"
    detail = "The request is not a Pub/Sub message."


class _PubSubMessage(BaseModel):
    data: str = ""
    attributes: dict[str, str] = {}


class _MessagePublished(BaseModel):
    message: _PubSubMessage


def create_event_app(
    name: str,
    handlers: Mapping[type[Event], EventHandler],
    *,
    settings: Callable[[], Settings],
    runtime: EdgeRuntime,
    dependencies: Callable[[], Dependencies] | None = None,
    ports: object = None,
) -> FastAPI:
    """Return the private app of one event function.

    A type without a handler is acknowledged. A handler that raises `Unavailable` gets the event
    again; any other domain error is permanent: recorded and acknowledged. An unexpected error is
    answered with 500, retried, and ends in the dead-letter topic.
    """
    by_type = {event.TYPE: (event, handler) for event, handler in handlers.items()}
    router = api_router()

    @router.post("/", status_code=204)
    async def receive(
        request: Request, envelope: _MessagePublished, ce_type: Annotated[str, Header(alias="ce-type")] = ""
    ) -> Response:
        if ce_type not in ("", MESSAGE_PUBLISHED):  # a subscription with a filter pushes without the header
            raise NotAnEvent
        attributes = envelope.message.attributes
        current_trace.set(incoming_trace(attributes.get("traceparent"), attributes.get("x-request-id")))
        found = by_type.get(attributes.get("ce-type", ""))
        if found:
            await _handle(_decode(found[0], envelope.message.data), given(found[1], request.app.state))
        return Response(status_code=204)

    return create_app(
        name,
        routers=[router],
        settings=settings,
        dependencies=dependencies,
        ports=ports,
        runtime=runtime,
        private=True,
    )


def given(handler: EventHandler, state: Any) -> EventHandler:
    """Return the handler of an event alone: it is given the ports and the time of the app's `state`."""

    async def handle(event: Event) -> None:
        await handler(event, state.ports, state.runtime.clock())

    return handle


def _decode(cls: type[E], data: str) -> E:
    """Return the event; fields that the class does not know are ignored."""
    try:
        event: E = schema(cast(Any, cls)).validate_json(base64.b64decode(data, validate=True))
    except (ValidationError, binascii.Error) as error:
        raise NotAnEvent(f"The data is no {cls.name()}.") from error
    return event


async def _handle(event: Event, handler: EventHandler) -> None:
    extra = {"event_id": event.id, "event_type": event.TYPE}
    try:
        await handler(event)
    except Unavailable:  # mutant: acknowledged-unhandled
        raise
    except DomainError as error:
        log.warning("event_refused", extra={**extra, "code": error.code})
    else:
        log.info("event_handled", extra=extra)
