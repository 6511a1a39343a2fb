"""Validate a new task by the limits of the real service."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import httpx
from google.cloud.tasks_v2 import HttpMethod, Task

from emulators.cloud_tasks import names
from emulators.cloud_tasks.errors import invalid

MAX_SCHEDULE_AHEAD = timedelta(days=30)
DEADLINES = (timedelta(seconds=15), timedelta(minutes=30))
MAX_URL = 2083
MAX_TASK_BYTES = 1024 * 1024
WITH_BODY = {HttpMethod.HTTP_METHOD_UNSPECIFIED, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")


def check(task: Task, queue_name: str, now: datetime) -> None:
    """Raise `RejectedError` unless the queue can accept the task."""
    if task.name and names.queue_of_task(task.name) != queue_name:
        raise invalid("The queue name from request must be the same as the queue name of the named task.")
    if "http_request" not in task:
        raise invalid("Task.http_request must be set; App Engine targets do not exist here.")
    if "schedule_time" in task and task.schedule_time > now + MAX_SCHEDULE_AHEAD:
        raise invalid("The Task.schedule_time is too far in the future: at most 30 days are allowed.")
    if "dispatch_deadline" in task and not DEADLINES[0] <= task.dispatch_deadline <= DEADLINES[1]:
        raise invalid("The Task.dispatch_deadline must be between 15s and 30m.")
    if Task.pb(task).ByteSize() > MAX_TASK_BYTES:
        raise invalid("Task size too large: at most 1 MiB is allowed.")
    _check_request(task)


def _check_request(task: Task) -> None:
    request = task.http_request
    if not _is_url(request.url):
        raise invalid("Task.http_request.url must begin with http:// or https:// and name a host.")
    if request.body and request.http_method not in WITH_BODY:
        raise invalid("HTTP request body is only allowed for POST, PUT and PATCH.")
    for name, value in request.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise invalid(f"Task.http_request.headers holds an invalid header: {name!r}.")
    if "oidc_token" in request and not request.oidc_token.service_account_email:
        raise invalid("Task.http_request.oidc_token.service_account_email must be set.")
    if "oauth_token" in request:
        raise invalid("Task.http_request.oauth_token has no local equivalent: use oidc_token.")


def _is_url(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host) and len(text) <= MAX_URL
