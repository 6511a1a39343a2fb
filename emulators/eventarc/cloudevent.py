"""The HTTP form of a Pub/Sub message, as Eventarc posts it: a CloudEvent in binary mode.

https://cloud.google.com/eventarc/docs/cloudevents and the schema of MessagePublishedData in
googleapis/google-cloudevents.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from google.pubsub_v1 import PubsubMessage

from emulators.eventarc.trigger import Trigger

TYPE = "google.cloud.pubsub.topic.v1.messagePublished"


def headers(message: PubsubMessage, trigger: Trigger) -> dict[str, str]:
    """Return the context attributes of the event as headers."""
    return {
        "content-type": "application/json",
        "ce-id": message.message_id,
        "ce-source": f"//pubsub.googleapis.com/{trigger.topic_path}",
        "ce-specversion": "1.0",
        "ce-type": TYPE,
        "ce-time": _timestamp(message.publish_time),
    }


def body(message: PubsubMessage, trigger: Trigger) -> bytes:
    """Return the event's data; it has the field names in both spellings, as Google's has."""
    published = _timestamp(message.publish_time)
    content: dict[str, Any] = {
        "data": base64.b64encode(message.data).decode(),
        "attributes": dict(message.attributes),
        "messageId": message.message_id,
        "message_id": message.message_id,
        "publishTime": published,
        "publish_time": published,
    }
    if message.ordering_key:
        content["orderingKey"] = message.ordering_key
    return json.dumps({"message": content, "subscription": trigger.subscription_path}).encode()


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
