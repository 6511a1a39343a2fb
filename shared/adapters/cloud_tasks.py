"""Deadlines over Cloud Tasks: tasks have names, so that a repeated task has no effect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import grpc.aio
from google.api_core import exceptions as api
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport
from google.protobuf.timestamp_pb2 import Timestamp

from shared.kernel.errors import Unavailable
from shared.kernel.trace import current_trace

TIMEOUT_S = 10.0
"""A third of the time of an offer: the task of a call that takes as long is still early, and one that gets
no answer leaves time for another. The item of a batch (15 s) has room for it beside its commits."""


@dataclass(frozen=True, slots=True)
class Target:
    """A queue, the function that its tasks call, and the service account of the calls."""

    queue: str
    """The full name: `projects/…/locations/…/queues/…`."""
    url: str
    """The base URL of the function, which is also the audience of the token."""
    invoker: str
    """The e-mail address of the service account."""


class QueueSettings(Protocol):
    """The settings that name the queues of a function."""

    @property
    def google_cloud_project(self) -> str:
        """The project id."""
        ...

    @property
    def region(self) -> str:
        """The region of the queues."""
        ...

    @property
    def function_urls(self) -> Mapping[str, str]:
        """The base URL of each function."""
        ...

    @property
    def cloud_tasks_emulator_host(self) -> str:
        """The host:port of the emulator, or empty for the real service."""
        ...

    def invoker_email(self, function: str) -> str:
        """Return the service account that calls a function."""
        ...


class CloudTasks:
    """Creates tasks for one target; `emulator` is host:port, or empty for the real service.

    Build it inside the running event loop: its channel belongs to that loop.
    """

    def __init__(self, target: Target, emulator: str = "") -> None:
        self._target = target
        if emulator:
            channel = grpc.aio.insecure_channel(emulator)
            transport = CloudTasksGrpcAsyncIOTransport(channel=channel)
            self._client = tasks_v2.CloudTasksAsyncClient(transport=transport)
        else:
            self._client = tasks_v2.CloudTasksAsyncClient()

    async def create(self, name: str, path: str, body: Mapping[str, Any], at: datetime) -> None:
        """Create a task that posts `body` to `path` at `at`, at least once; a used name has no effect.

        Raises `Unavailable` when the task may not have been stored.
        """
        try:
            await self._client.create_task(
                parent=self._target.queue, task=self._task(name, path, body, at), timeout=TIMEOUT_S
            )
        except api.AlreadyExists:
            return
        except (api.GoogleAPICallError, api.RetryError) as error:
            raise Unavailable("The task queue does not answer.") from error

    async def ping(self) -> None:
        """Return when the queue service answers, even if it does not let us read tasks.

        Raises `Unavailable`.
        """
        try:
            await self._client.get_task(
                name=f"{self._target.queue}/tasks/health", retry=None, timeout=TIMEOUT_S
            )
        except (api.NotFound, api.PermissionDenied):
            return
        except (api.GoogleAPICallError, api.RetryError) as error:
            raise Unavailable("The task queue does not answer.") from error

    async def close(self) -> None:
        """Close the channel."""
        transport: Any = self._client.transport
        await transport.close()

    def _task(self, name: str, path: str, body: Mapping[str, Any], at: datetime) -> tasks_v2.Task:
        due = Timestamp()
        due.FromDatetime(at)
        trace = current_trace.get()
        headers = {"Content-Type": "application/json"}
        if trace.traceparent:
            headers |= {"traceparent": trace.traceparent, "X-Request-Id": trace.request_id}
        token = tasks_v2.OidcToken(service_account_email=self._target.invoker, audience=self._target.url)
        request = tasks_v2.HttpRequest(
            url=f"{self._target.url}{path}",
            http_method=tasks_v2.HttpMethod.POST,
            headers=headers,
            body=json.dumps(body).encode(),
            oidc_token=token,
        )
        return tasks_v2.Task(
            name=f"{self._target.queue}/tasks/{name}", http_request=request, schedule_time=due
        )


def open_queue(queue: str, function: str, settings: QueueSettings) -> CloudTasks:
    """Open the queue of a function; call it inside the running event loop."""
    name = f"projects/{settings.google_cloud_project}/locations/{settings.region}/queues/{queue}"
    target = Target(name, settings.function_urls[function], settings.invoker_email(function))
    return CloudTasks(target, settings.cloud_tasks_emulator_host)


class OfferDeadlines:
    """See `shared.dispatch.ports.Deadlines`."""

    def __init__(self, tasks: CloudTasks) -> None:
        self._tasks = tasks

    async def schedule_offer_expiry(self, offer_id: str, at: datetime) -> None:
        """See `Deadlines.schedule_offer_expiry`; the id of the offer is the name of the task."""
        await self._tasks.create(offer_id, "/tasks/offer-expired", {"offer_id": offer_id}, at)

    async def schedule_search(self, order_id: str, search_attempt: int, at: datetime) -> None:
        """See `Deadlines.schedule_search`."""
        name = f"search_{order_id}_{search_attempt}"
        await self._tasks.create(
            name, "/tasks/search-again", {"order_id": order_id, "search_attempt": search_attempt}, at
        )


class SweepTasks:
    """See `shared.operations.ports.SweepQueue`."""

    def __init__(self, tasks: CloudTasks) -> None:
        self._tasks = tasks

    async def sweep_at(self, at: datetime) -> None:
        """See `SweepQueue.sweep_at`; the second is the name of the task."""
        await self._tasks.create(f"sweep_{int(at.timestamp())}", "/tasks/sweep-outbox", {}, at)
