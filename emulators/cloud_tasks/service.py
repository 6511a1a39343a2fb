"""The methods of google.cloud.tasks.v2.CloudTasks that Waybill uses; the others are UNIMPLEMENTED."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Any, TypeVar

import grpc
from google.cloud import tasks_v2
from google.protobuf import empty_pb2

from emulators.cloud_tasks import names
from emulators.cloud_tasks.definitions import completed
from emulators.cloud_tasks.errors import RejectedError, already_exists, invalid, not_found
from emulators.cloud_tasks.queue import TaskQueue

SERVICE = "google.cloud.tasks.v2.CloudTasks"
MAX_PAGE = 1000
Item = TypeVar("Item")
Method = Callable[[Any], Any]


class CloudTasksService:
    """Implements the calls over its queues; `open_queue` creates a queue, `delay` takes as long as a
    call that creates a task shall take."""

    def __init__(
        self, open_queue: Callable[[tasks_v2.Queue], TaskQueue], delay: Callable[[], Awaitable[None]]
    ) -> None:
        self.queues: dict[str, TaskQueue] = {}
        self._open_queue = open_queue
        self._delay = delay

    def create_queue(self, request: tasks_v2.CreateQueueRequest) -> tasks_v2.Queue:
        parent = names.location(request.parent)
        definition = completed(request.queue)
        if not definition.name.startswith(f"{parent}/queues/"):
            raise invalid("The queue's name must lie in the request's parent.")
        return self.add(definition).definition

    def add(self, definition: tasks_v2.Queue) -> TaskQueue:
        """Create a queue from a complete definition; raises `RejectedError` when the name is in use."""
        if definition.name in self.queues:
            raise already_exists("Queue already exists")
        queue = self.queues[definition.name] = self._open_queue(definition)
        return queue

    def get_queue(self, request: tasks_v2.GetQueueRequest) -> tasks_v2.Queue:
        return self._queue(request.name).definition

    def list_queues(self, request: tasks_v2.ListQueuesRequest) -> tasks_v2.ListQueuesResponse:
        prefix = f"{names.location(request.parent)}/queues/"
        found = [self.queues[name].definition for name in sorted(self.queues) if name.startswith(prefix)]
        page, token = _page(found, request.page_size, request.page_token)
        return tasks_v2.ListQueuesResponse(queues=page, next_page_token=token)

    async def create_task(self, request: tasks_v2.CreateTaskRequest) -> tasks_v2.Task:
        await self._delay()  # a caller who hangs up cancels this call, and no task is created
        return _viewed(self._queue(request.parent).create(request.task), request.response_view)

    def get_task(self, request: tasks_v2.GetTaskRequest) -> tasks_v2.Task:
        queue = self._queue(names.queue_of_task(request.name))
        return _viewed(queue.get(request.name), request.response_view)

    def list_tasks(self, request: tasks_v2.ListTasksRequest) -> tasks_v2.ListTasksResponse:
        tasks = self._queue(request.parent).tasks()
        page, token = _page(tasks, request.page_size, request.page_token)
        viewed = [_viewed(task, request.response_view) for task in page]
        return tasks_v2.ListTasksResponse(tasks=viewed, next_page_token=token)

    def delete_task(self, request: tasks_v2.DeleteTaskRequest) -> empty_pb2.Empty:
        self._queue(names.queue_of_task(request.name)).delete(request.name)
        return empty_pb2.Empty()

    def _queue(self, name: str) -> TaskQueue:
        if (queue := self.queues.get(names.queue(name))) is None:
            raise not_found(f"Queue does not exist: {name}")
        return queue


def handlers(service: CloudTasksService) -> grpc.GenericRpcHandler:
    """Return the gRPC handlers of the service."""
    table: dict[str, tuple[Method, Any, Any]] = {
        "CreateQueue": (service.create_queue, tasks_v2.CreateQueueRequest, tasks_v2.Queue),
        "GetQueue": (service.get_queue, tasks_v2.GetQueueRequest, tasks_v2.Queue),
        "ListQueues": (service.list_queues, tasks_v2.ListQueuesRequest, tasks_v2.ListQueuesResponse),
        "CreateTask": (service.create_task, tasks_v2.CreateTaskRequest, tasks_v2.Task),
        "GetTask": (service.get_task, tasks_v2.GetTaskRequest, tasks_v2.Task),
        "ListTasks": (service.list_tasks, tasks_v2.ListTasksRequest, tasks_v2.ListTasksResponse),
        "DeleteTask": (service.delete_task, tasks_v2.DeleteTaskRequest, None),
    }
    methods = {
        name: grpc.unary_unary_rpc_method_handler(
            _handler(method),
            request_deserializer=request.deserialize,
            response_serializer=response.serialize if response else empty_pb2.Empty.SerializeToString,
        )
        for name, (method, request, response) in table.items()
    }
    return grpc.method_handlers_generic_handler(SERVICE, methods)


def _handler(method: Method) -> Callable[[Any, Any], Awaitable[Any]]:
    async def answer(request: Any, context: Any) -> Any:
        try:
            result = method(request)
            return await result if isawaitable(result) else result
        except RejectedError as error:
            return await context.abort(error.code, error.message)

    return answer


def _viewed(task: tasks_v2.Task, view: tasks_v2.Task.View) -> tasks_v2.Task:
    """Return a copy of the task for the caller: without its body unless the full view is requested."""
    copy = tasks_v2.Task(task)
    full = view == tasks_v2.Task.View.FULL
    copy.view = tasks_v2.Task.View(tasks_v2.Task.View.FULL if full else tasks_v2.Task.View.BASIC)
    if not full:
        copy.http_request.body = b""
    return copy


def _page(items: Sequence[Item], size: int, token: str) -> tuple[Sequence[Item], str]:
    """Return one page and the token of the next; the token is the position."""
    if token and not token.isdecimal():
        raise invalid("Invalid page token.")
    start = int(token or 0)
    end = start + min(size or MAX_PAGE, MAX_PAGE)
    return items[start:end], str(end) if end < len(items) else ""
