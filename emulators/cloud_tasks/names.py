"""Resource names of Cloud Tasks and their validation.

https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2
"""

from __future__ import annotations

import re

from emulators.cloud_tasks.errors import invalid

_LOCATION = r"projects/[A-Za-z0-9:.-]+/locations/[A-Za-z0-9-]+"
_QUEUE = rf"{_LOCATION}/queues/[A-Za-z0-9-]{{1,100}}"
_LOCATION_NAME = re.compile(_LOCATION)
_QUEUE_NAME = re.compile(_QUEUE)
_TASK_NAME = re.compile(rf"({_QUEUE})/tasks/[A-Za-z0-9_-]{{1,500}}")


def location(name: str) -> str:
    """Return a valid name of a location; raises `RejectedError`."""
    if _LOCATION_NAME.fullmatch(name) is None:
        raise invalid(f'Invalid location name "{name}".')
    return name


def queue(name: str) -> str:
    """Return a valid full name of a queue; raises `RejectedError`."""
    if _QUEUE_NAME.fullmatch(name) is None:
        raise invalid(
            f'Queue name must be formatted: "projects/<P>/locations/<L>/queues/<Q>"; it is "{name}".'
        )
    return name


def queue_of_task(name: str) -> str:
    """Return the full name of a task's queue; raises `RejectedError` for an invalid task name."""
    if (match := _TASK_NAME.fullmatch(name)) is None:
        raise invalid(
            f'Task name must be formatted: "projects/<P>/locations/<L>/queues/<Q>/tasks/<T>"; it is "{name}".'
        )
    return match[1]


def last_part(name: str) -> str:
    """Return the last identifier of a resource name."""
    return name.rpartition("/")[2]
