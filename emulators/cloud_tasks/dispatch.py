"""One attempt: the HTTP request that Cloud Tasks sends, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import grpc
import httpx
from google.cloud.tasks_v2 import HttpMethod, Task

from emulators.clock import Clock, within
from emulators.cloud_tasks import names
from emulators.oidc import Signer

DEFAULT_DEADLINE = timedelta(minutes=10)
RESERVED = ("host", "content-length", "user-agent", "x-google-", "x-appengine-", "x-cloudtasks-")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an attempt: an HTTP status, or None without an answer."""

    status: int | None
    code: grpc.StatusCode
    message: str

    @property
    def succeeded(self) -> bool:
        """Only 2xx counts."""
        return self.status is not None and 200 <= self.status < 300


class Dispatcher:
    """Sends tasks to their targets."""

    def __init__(self, client: httpx.AsyncClient, signer: Signer, clock: Clock) -> None:
        self._client = client
        self._signer = signer
        self._clock = clock

    async def attempt(self, task: Task, previous: Outcome | None) -> Outcome:
        """Send the task once; a failure of any kind is an outcome, not an exception."""
        deadline = task.dispatch_deadline or DEFAULT_DEADLINE
        try:
            response = await within(
                self._clock, deadline.total_seconds(), self._client.send(self._request(task, previous))
            )
        except (TimeoutError, httpx.TimeoutException) as error:
            return Outcome(None, grpc.StatusCode.DEADLINE_EXCEEDED, str(error))
        except httpx.HTTPError as error:
            return Outcome(None, grpc.StatusCode.UNAVAILABLE, f"{type(error).__name__}: {error}")
        code = grpc.StatusCode.OK if response.is_success else grpc.StatusCode.UNKNOWN
        return Outcome(response.status_code, code, f"HTTP status code {response.status_code}")

    def _request(self, task: Task, previous: Outcome | None) -> httpx.Request:
        target = task.http_request
        method = HttpMethod(target.http_method or HttpMethod.POST).name
        headers = {k: v for k, v in target.headers.items() if not k.lower().startswith(RESERVED)}
        headers |= _task_headers(task, previous)
        if "oidc_token" in target:
            headers = {k: v for k, v in headers.items() if k.lower() != "authorization"}
            token = target.oidc_token
            headers["Authorization"] = self._signer.bearer(
                token.audience or target.url, token.service_account_email
            )
        return self._client.build_request(method, target.url, headers=headers, content=target.body or None)


def _task_headers(task: Task, previous: Outcome | None) -> dict[str, str]:
    queue_name = names.queue_of_task(task.name)
    headers = {
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": names.last_part(queue_name),
        "X-CloudTasks-TaskName": names.last_part(task.name),
        "X-CloudTasks-TaskRetryCount": str(task.dispatch_count),
        "X-CloudTasks-TaskExecutionCount": str(task.response_count),
        "X-CloudTasks-TaskETA": f"{task.schedule_time.timestamp():.6f}",
    }
    if previous is not None and previous.status is not None:
        headers["X-CloudTasks-TaskPreviousResponse"] = str(previous.status)
    return headers
