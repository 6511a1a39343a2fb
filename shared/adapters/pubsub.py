"""`Publisher` over Pub/Sub: one publish call per topic, which returns when the messages are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import grpc.aio
from google.api_core import exceptions as api
from google.pubsub_v1.services.publisher import PublisherAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.types import PubsubMessage

from shared.kernel.errors import Unavailable
from shared.kernel.event import Message, PublishRefused

TIMEOUT_S = 5.0


class PubSubPublisher:
    """Publishes to `projects/{project}/topics/{message.topic}`, with CloudEvents 1.0 attributes, and `event`,
    the short name by which subscriptions are filtered.

    `emulator` is host:port of the emulator, or empty for the real service. It uses the plain client, not the
    batching one, because a function answers its caller only after the bus has stored the event.
    """

    def __init__(self, project: str, emulator: str = "") -> None:
        self._project = project
        if emulator:
            channel = grpc.aio.insecure_channel(emulator)
            self._client = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        else:
            self._client = PublisherAsyncClient()

    async def publish(self, messages: Sequence[Message]) -> None:
        """See `Publisher.publish`; a topic or a right that is missing may come, so it counts as no answer."""
        by_topic: dict[str, list[PubsubMessage]] = {}
        for message in messages:
            by_topic.setdefault(message.topic, []).append(_encoded(message))
        try:
            await asyncio.gather(*(self._send(topic, batch) for topic, batch in by_topic.items()))
        except api.InvalidArgument as error:
            raise PublishRefused from error
        except (api.GoogleAPICallError, api.RetryError) as error:
            raise Unavailable("The event bus does not answer.") from error

    async def ping(self) -> None:
        """Return when the bus answers, even if it does not let a publisher read topics.

        Raises `Unavailable`.
        """
        topic = f"projects/{self._project}/topics/health"
        try:
            await self._client.get_topic(topic=topic, retry=None, timeout=TIMEOUT_S)
        except (api.NotFound, api.PermissionDenied):
            return
        except (api.GoogleAPICallError, api.RetryError) as error:
            raise Unavailable("The event bus does not answer.") from error

    async def _send(self, topic: str, batch: list[PubsubMessage]) -> None:
        path = f"projects/{self._project}/topics/{topic}"
        # No retry: the caller has waited long enough, and the outbox covers this case.
        await self._client.publish(topic=path, messages=batch, retry=None, timeout=TIMEOUT_S)


def _encoded(message: Message) -> PubsubMessage:
    attributes = {
        "ce-id": message.id,
        "ce-specversion": "1.0",
        "ce-type": message.type,
        "ce-source": f"//waybill/{message.topic}",
        "ce-subject": message.subject,
        "ce-time": message.time.isoformat(),
        "content-type": "application/json",
        "event": message.name,
    }
    if message.traceparent:
        attributes |= {"traceparent": message.traceparent, "x-request-id": message.request_id}
    return PubsubMessage(data=message.data.encode(), attributes=attributes)
