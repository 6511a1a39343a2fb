"""The messages that the bridge holds, each with a lease until it is acknowledged.

A message is acknowledged only after its function has answered 2xx. If the bridge dies, the leases
expire and Pub/Sub redelivers the messages.
"""

from __future__ import annotations

from google.pubsub_v1 import ReceivedMessage, SubscriberAsyncClient

LEASE_SECONDS = 30
RENEWAL_SECONDS = 10
BATCH = 1000


class Leases:
    """The leases of one subscription."""

    def __init__(self, client: SubscriberAsyncClient, subscription: str) -> None:
        self._client = client
        self._subscription = subscription
        self._ack_ids: dict[str, str] = {}

    def take(self, received: ReceivedMessage) -> bool:
        """Hold the message; return False for a redelivery of a message that is held already."""
        message_id = received.message.message_id
        known = message_id in self._ack_ids
        self._ack_ids[message_id] = received.ack_id
        return not known

    async def acknowledge(self, message_id: str) -> None:
        """Acknowledge the message. Raises `GoogleAPIError`."""
        ack_id = self._ack_ids.pop(message_id)
        await self._client.acknowledge(subscription=self._subscription, ack_ids=[ack_id])

    def drop(self, message_id: str) -> None:
        """Stop renewing: the message is redelivered when its lease expires."""
        self._ack_ids.pop(message_id, None)

    async def renew(self) -> None:
        """Extend every lease that is held. Raises `GoogleAPIError`."""
        await self._set_deadline(LEASE_SECONDS)

    async def release(self) -> None:
        """Release all messages at once, for another bridge. Raises `GoogleAPIError`."""
        await self._set_deadline(0)
        self._ack_ids.clear()

    async def _set_deadline(self, seconds: int) -> None:
        ack_ids = list(self._ack_ids.values())
        for start in range(0, len(ack_ids), BATCH):
            await self._client.modify_ack_deadline(
                subscription=self._subscription,
                ack_ids=ack_ids[start : start + BATCH],
                ack_deadline_seconds=seconds,
                timeout=5.0,
            )
