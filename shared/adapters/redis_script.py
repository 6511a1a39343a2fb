"""Scripts that Redis runs: sent by their hash, and whole when Redis does not know them (any more)."""

from __future__ import annotations

from hashlib import sha1
from typing import Any

from redis.exceptions import NoScriptError

from shared.adapters.redis_pipeline import Argument, RedisCommands


class Script:
    """A Lua script; it may be repeated, as all our commands may."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._hash = sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: RedisCommands, keys: tuple[str, ...], *args: Argument) -> Any:
        """Run it in one round trip; in two after Redis has lost its scripts."""
        try:
            return await client.execute_command("EVALSHA", self._hash, len(keys), *keys, *args)
        except NoScriptError:
            return await client.execute_command("EVAL", self._text, len(keys), *keys, *args)
