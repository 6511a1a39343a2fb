"""The Python side of `listeners.mjs`: sign users in, and stream the snapshots of their listeners."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

_log = logging.getLogger(__name__)

SCRIPT = Path(__file__).with_name("listeners.mjs")
MAX_LINE_BYTES = 32 * 1024 * 1024
STOP_SECONDS = 3.0

Condition = tuple[str, str, Any]
"""A field, an operator of the client SDK (`==`, `array-contains`, …) and a value."""


class ListenerError(Exception):
    """The client SDK refused; `code` is its error code, such as `permission-denied`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Change:
    """One document of a snapshot that is `added`, `modified` or `removed`; times are ISO 8601 strings."""

    type: str
    id: str
    data: Mapping[str, Any]


class Watch:
    """One listener: a stream of changes until it fails or is stopped."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._queue: asyncio.Queue[Change | ListenerError] = asyncio.Queue()
        self._ready = asyncio.Event()

    async def ready(self) -> None:
        """Return when the first snapshot has arrived, even an empty one, or the listener has failed."""
        await self._ready.wait()

    async def __aiter__(self) -> AsyncIterator[Change]:
        while True:
            item = await self._queue.get()
            if isinstance(item, ListenerError):
                raise item
            yield item

    def add(self, changes: Sequence[Change]) -> None:
        """Add the changes of a snapshot."""
        for change in changes:
            self._queue.put_nowait(change)
        self._ready.set()

    def fail(self, error: ListenerError) -> None:
        """End the stream with an error."""
        self._queue.put_nowait(error)
        self._ready.set()


class Listeners:
    """The listeners of all users, in one Node process that ends with this one."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = {**os.environ, **env}
        self._process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._sign_ins: dict[str, asyncio.Future[str]] = {}
        self._watches: dict[str, Watch] = {}
        self._numbers = count(1)

    async def __aenter__(self) -> Listeners:
        node = shutil.which("node")
        if node is None:
            raise ListenerError("no-node", "Node.js is not on PATH; install Node 20 or later")
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            node, str(SCRIPT), stdin=pipe, stdout=pipe, stderr=pipe, env=self._env, limit=MAX_LINE_BYTES
        )
        self._readers = [asyncio.create_task(self._read()), asyncio.create_task(self._read_errors())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._running()
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        await asyncio.gather(*self._readers)

    async def sign_in(self, person: str, email: str, password: str) -> str:
        """Sign a user in with the client SDK and return the uid. Raises `ListenerError`."""
        answer = asyncio.get_running_loop().create_future()
        self._sign_ins[person] = answer
        self._send({"op": "sign_in", "person": person, "email": email, "password": password})
        uid: str = await answer
        return uid

    def watch(self, person: str, collection: str, *where: Condition) -> Watch:
        """Listen to a query as a user; the security rules must allow the query."""
        watch = Watch(f"w{next(self._numbers)}")
        self._watches[watch.name] = watch
        query = {"person": person, "collection": collection, "where": list(where)}
        self._send({"op": "watch", "watch": watch.name, **query})
        return watch

    def unwatch(self, watch: Watch) -> None:
        """Stop a listener; its stream delivers nothing more."""
        self._watches.pop(watch.name, None)
        self._send({"op": "unwatch", "watch": watch.name})

    def close(self, person: str) -> None:
        """Close the app of a user and all its listeners."""
        self._send({"op": "close", "person": person})

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise ListenerError("not-started", "use the listeners as an async context manager")
        return self._process

    def _send(self, request: Mapping[str, Any]) -> None:
        stdin = self._running().stdin
        if stdin is None or stdin.is_closing():
            raise ListenerError("ended", "the listeners' process has ended")
        stdin.write(json.dumps(request).encode() + b"\n")

    async def _read(self) -> None:
        stdout = self._running().stdout
        while stdout is not None and (line := await stdout.readline()):
            self._handle(json.loads(line))
        self._fail_all(ListenerError("ended", "the listeners' process has ended"))

    async def _read_errors(self) -> None:
        stderr = self._running().stderr
        while stderr is not None and (line := await stderr.readline()):
            _log.warning("listeners: %s", line.decode(errors="replace").rstrip())

    def _handle(self, message: Mapping[str, Any]) -> None:
        match message["event"]:
            case "snapshot" if watch := self._watches.get(message["watch"]):
                watch.add([Change(**change) for change in message["changes"]])
            case "signed_in":
                self._resolve_sign_in(message["person"], message["uid"])
            case "error":
                self._fail(message)

    def _resolve_sign_in(self, person: str, outcome: str | ListenerError) -> None:
        answer = self._sign_ins.pop(person, None)
        if answer is None or answer.done():
            return
        if isinstance(outcome, ListenerError):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)

    def _fail(self, message: Mapping[str, Any]) -> None:
        error = ListenerError(message["code"], message["message"].strip())
        if watch := self._watches.pop(message.get("watch", ""), None):
            watch.fail(error)
        else:
            self._resolve_sign_in(message.get("person", ""), error)

    def _fail_all(self, error: ListenerError) -> None:
        for person in list(self._sign_ins):
            self._resolve_sign_in(person, error)
        for watch in self._watches.values():
            watch.fail(error)
        self._watches.clear()
