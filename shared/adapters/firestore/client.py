"""`Database` over Google's asynchronous Firestore client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.api_core import exceptions as api
from google.api_core.retry import AsyncRetry, if_exception_type
from google.cloud.firestore_v1 import AsyncClient, AsyncQuery
from google.cloud.firestore_v1.async_batch import AsyncWriteBatch
from google.cloud.firestore_v1.base_query import FieldFilter

from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Query, Snapshot, Write
from shared.kernel.errors import DocumentRefused, Unavailable

TIMEOUT_S = 10.0
_READ_RETRY = AsyncRetry(if_exception_type(api.ServiceUnavailable), initial=0.1, maximum=1.0, timeout=5.0)
"""For reads only. The default retry of the client takes up to five minutes."""

_OPERATORS = {"array-contains": "array_contains"}
_NO_ANSWER = (
    api.ServiceUnavailable,
    api.DeadlineExceeded,
    api.InternalServerError,
    api.ResourceExhausted,
    api.Unknown,
    api.Cancelled,
    api.RetryError,
)
_REFUSED = (api.FailedPrecondition, api.Aborted, api.Conflict, api.NotFound)


class FirestoreDatabase:
    """Firestore, or its emulator if `FIRESTORE_EMULATOR_HOST` is set.

    Build it inside the running event loop: its channel belongs to that loop.
    """

    def __init__(self, project: str) -> None:
        self._client = AsyncClient(project=project)

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        """See `Database.get_all`: one BatchGetDocuments call reads all documents as of one moment."""
        references = [self._client.document(path) for path in paths]
        found: dict[str, Snapshot] = {}
        try:
            async for document in self._client.get_all(references, retry=_READ_RETRY, timeout=TIMEOUT_S):
                path = document.reference.path
                found[path] = Snapshot(path, document.to_dict(), document.update_time, document.read_time)
        except _NO_ANSWER as error:
            raise Unavailable("The database does not answer.") from error
        return found

    async def ping(self) -> None:
        """Return when the database answers; this costs one read. Raises `Unavailable`."""
        await self.get_all(["config/health"])

    async def query(self, query: Query) -> list[Snapshot]:
        """See `Database.query`."""
        try:
            documents = await self._build(query).get(retry=_READ_RETRY, timeout=TIMEOUT_S)
        except _NO_ANSWER as error:
            raise Unavailable("The database does not answer.") from error
        return [
            Snapshot(document.reference.path, document.to_dict(), document.update_time)
            for document in documents
        ]

    async def count(self, query: Query) -> int:
        """See `Database.count`."""
        counting: Any = self._build(query).count()
        try:
            [[found]] = await counting.get(retry=_READ_RETRY, timeout=TIMEOUT_S)
        except _NO_ANSWER as error:
            raise Unavailable("The database does not answer.") from error
        return int(found.value)

    async def commit(self, writes: Sequence[Write]) -> None:
        """See `Database.commit`. The client must not retry, because that would hide an ambiguous answer."""
        batch = AsyncWriteBatch(self._client)
        for write in writes:
            self._add(batch, write)
        try:
            await batch.commit(retry=None, timeout=TIMEOUT_S)
        except _REFUSED as error:
            raise CommitRefused(str(error)) from error
        except _NO_ANSWER as error:
            raise CommitUnknown(str(error)) from error
        except api.InvalidArgument as error:
            raise DocumentRefused from error

    def _build(self, query: Query) -> AsyncQuery:
        source = (
            self._client.collection_group(query.collection)
            if query.group
            else self._client.collection(query.collection)
        )
        built: AsyncQuery = source.limit(query.limit)
        for field, operator, value in query.where:
            built = built.where(filter=FieldFilter(field, _OPERATORS.get(operator, operator), value))
        for field in query.order_by:
            direction = AsyncQuery.DESCENDING if field.startswith("-") else AsyncQuery.ASCENDING
            built = built.order_by(field.removeprefix("-"), direction=direction)
        if query.start_after:
            built = built.start_after(
                {f.removeprefix("-"): v for f, v in zip(query.order_by, query.start_after, strict=True)}
            )
        return built

    def _add(self, batch: AsyncWriteBatch, write: Write) -> None:
        reference: Any = self._client.document(write.path)
        option = (
            self._client.write_option(last_update_time=write.if_updated_at) if write.if_updated_at else None
        )
        if write.operation == "create":
            batch.create(reference, dict(write.data or {}))
        elif write.operation == "set":
            batch.set(reference, dict(write.data or {}))
        elif write.operation == "update":
            batch.update(reference, dict(write.data or {}), option=option)
        else:
            batch.delete(reference, option=option)
