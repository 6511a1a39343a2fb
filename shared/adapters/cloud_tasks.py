"""Deadlines over Cloud Tasks: named tasks, so that the same one set twice is one."""

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

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Target:
    """A queue, the function that it feeds, and the account in whose name the function is called."""

    queue: str
    """The full name: `projects/…/locations/…/queues/…`."""
    url: str
    """The function's base URL, which is also the audience of the token."""
    invoker: str
    """The service account's e-mail address."""


class QueueSettings(Protocol):
    """Where a function's queues are; its settings say it."""

    @property
    def google_cloud_project(self) -> str:
        """The project."""
        ...

    @property
    def region(self) -> str:
        """The place of its queues."""
        ...

    @property
    def function_urls(self) -> Mapping[str, str]:
        """The base URL of each function."""
        ...

    @property
    def cloud_tasks_emulator_host(self) -> str:
        """The emulator's host:port, or empty for Google's service."""
        ...

    def invoker_email(self, function: str) -> str:
        """Return the service account in whose name a function is called."""
        ...


class CloudTasks:
    """Creates tasks for one target; `emulator` is host:port, or empty for Google's service.

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
        """Have `body` posted to `path` at `at`, at least once; a name that was used before is left alone.

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
        """Return when the queue's service answers, be it that it will not tell us about tasks.

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
    """Open the queue that feeds a function, inside the running event loop."""
    name = f"projects/{settings.google_cloud_project}/locations/{settings.region}/queues/{queue}"
    target = Target(name, settings.function_urls[function], settings.invoker_email(function))
    return CloudTasks(target, settings.cloud_tasks_emulator_host)


class OfferDeadlines:
    """See `shared.dispatch.ports.Deadlines`."""

    def __init__(self, tasks: CloudTasks) -> None:
        self._tasks = tasks

    async def schedule_offer_expiry(self, offer_id: str, at: datetime) -> None:
        """See `Deadlines.schedule_offer_expiry`; the task has the offer's id."""
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
        """See `SweepQueue.sweep_at`; the task is named by its second."""
        await self._tasks.create(f"sweep_{int(at.timestamp())}", "/tasks/sweep-outbox", {}, at)
