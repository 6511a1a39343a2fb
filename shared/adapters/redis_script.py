"""Scripts that Redis runs: sent by their hash, and whole when Redis does not know them (any more)."""

from __future__ import annotations

from hashlib import sha1
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError


class Script:
    """A Lua script; it may be repeated, as all our commands may."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._hash = sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: Redis, keys: tuple[str, ...], *args: str | float) -> Any:
        """Run it in one round trip; in two after Redis has lost its scripts."""
        try:
            return await _ask(client, "EVALSHA", self._hash, len(keys), *keys, *args)
        except NoScriptError:
            return await _ask(client, "EVAL", self._text, len(keys), *keys, *args)


async def _ask(client: Redis, *command: str | float) -> Any:
    return await client.execute_command(*command)  # type: ignore[no-untyped-call]
