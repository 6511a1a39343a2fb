"""The `Idempotency-Key` header (alias `X-Idempotency-Key`) as a dependency of a route."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel

from shared.edge.callers import authenticate
from shared.edge.refusals import refuses
from shared.kernel.actor import Principal
from shared.kernel.errors import Malformed
from shared.kernel.idempotency import IdempotencyKeyReused, IdempotentRequest
from shared.kernel.ids import derived_id

_KEY = re.compile(r"[!-~]{1,255}")


class IdempotencyKeyMissing(Malformed):
    """The header `Idempotency-Key` is missing."""

    code = "IDEMPOTENCY_KEY_MISSING"
    detail = "Send the header `Idempotency-Key` with a value that is new for each operation."


class IdempotencyKeyMalformed(Malformed):
    """The idempotency key is not well-formed."""

    code = "IDEMPOTENCY_KEY_MALFORMED"
    detail = "An idempotency key has 1 to 255 visible ASCII characters."


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The idempotency key of one user on one route, and the fingerprint of the body."""

    id: str
    fingerprint: str

    def for_answer(self, view: Callable[[Any], BaseModel]) -> IdempotentRequest:
        """Return the idempotent request whose stored answer is `view(result)` as JSON."""
        return IdempotentRequest(
            self.id, self.fingerprint, lambda result: view(result).model_dump(mode="json")
        )


@refuses(IdempotencyKeyReused)
async def _optional(
    request: Request,
    user: Annotated[Principal, Depends(authenticate)],
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    old_key: Annotated[str | None, Header(alias="X-Idempotency-Key", include_in_schema=False)] = None,
) -> RequestKey | None:
    return await _key_of(request, user, key if key is not None else old_key)


async def optional_key(request: Request, user: Principal) -> RequestKey | None:
    """Return the key of a request to a direct handler, if the client sent one."""
    headers = request.headers
    return await _key_of(request, user, headers.get("idempotency-key", headers.get("x-idempotency-key")))


async def _key_of(request: Request, user: Principal, value: str | None) -> RequestKey | None:
    if value is None:
        return None
    if not _KEY.fullmatch(value):
        raise IdempotencyKeyMalformed
    fingerprint = hashlib.sha256(await request.body()).hexdigest()
    return RequestKey(derived_id("idm", user.uid, request.method, request.url.path, value), fingerprint)


async def required_key(key: Annotated[RequestKey | None, Depends(_optional)]) -> RequestKey:
    """Return the key of a request that must have one. Raises `IdempotencyKeyMissing`."""
    if key is None:
        raise IdempotencyKeyMissing
    return key


IdempotencyKey = Annotated[RequestKey, Depends(required_key)]
"""The key; the answer to a request without one is 400."""

OptionalIdempotencyKey = Annotated[RequestKey | None, Depends(_optional)]
"""The key if the client sent one."""
