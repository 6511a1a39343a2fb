"""The lean client of Redis: whose reply is whose, and what happens when Redis hangs, ends or starts anew."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as TimedOut

from shared.adapters.redis_pipeline import RedisPipeline
from shared.adapters.redis_script import Script

closing = contextlib.aclosing
HANGS, ANSWERS = b"", b"$2\r\nok\r\n"


async def test_each_of_many_concurrent_commands_gets_its_own_reply(pipeline: RedisPipeline) -> None:
    replies = await asyncio.gather(*(pipeline.execute_command("ECHO", str(n)) for n in range(500)))
    assert replies == [str(n) for n in range(500)]


async def test_an_error_is_for_the_command_that_made_it(pipeline: RedisPipeline) -> None:
    await pipeline.execute_command("SET", "text", "x")
    replies: list[object] = await asyncio.gather(
        pipeline.execute_command("GET", "text"),
        pipeline.execute_command("INCR", "text"),
        pipeline.execute_command("GET", "none"),
        return_exceptions=True,
    )
    assert (replies[0], replies[2]) == ("x", None)
    assert isinstance(replies[1], ResponseError)


async def test_who_gives_up_does_not_shift_the_replies(pipeline: RedisPipeline) -> None:
    await pipeline.execute_command("PING")
    given_up = asyncio.create_task(pipeline.execute_command("ECHO", "first"))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await pipeline.execute_command("ECHO", "second") == "second"


async def test_a_script_is_sent_again_after_redis_has_lost_it(pipeline: RedisPipeline) -> None:
    script = Script("return ARGV[1]")
    assert await script.run(pipeline, (), "one") == "one"
    await pipeline.execute_command("SCRIPT", "FLUSH")
    assert await asyncio.gather(*(script.run(pipeline, (), str(n)) for n in range(3))) == ["0", "1", "2"]


async def test_a_lost_connection_is_opened_anew_without_an_error(
    pipeline: RedisPipeline, redis: Redis
) -> None:
    await pipeline.execute_command("SET", "text", "x")
    for client in await redis.client_list(_type="normal"):
        if client["name"] == "" and client["cmd"] == "set":
            await redis.client_kill_filter(_id=client["id"])
    assert await asyncio.gather(*(pipeline.execute_command("GET", "text") for _ in range(5))) == ["x"] * 5


def test_it_serves_one_event_loop_after_another(redis_url: str) -> None:
    client = RedisPipeline(redis_url)

    async def ask() -> object:
        async with closing(client):
            return await client.execute_command("ECHO", "x")

    assert asyncio.run(ask()) == "x"
    assert asyncio.run(ask()) == "x"


@contextlib.asynccontextmanager
async def listening(folder: Path, answers: list[bytes]) -> AsyncIterator[str]:
    """A server whose connections answer their first command in turn with these bytes, or with none."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.read(1_000)
        writer.write(answers.pop(0))

    server = await asyncio.start_unix_server(serve, folder / "redis")
    try:
        yield f"unix://{folder / 'redis'}"
    finally:
        for writer in writers:
            writer.close()
        server.close()


async def test_a_redis_that_hangs_once_is_asked_again(tmp_path: Path) -> None:
    async with listening(tmp_path, [HANGS, ANSWERS]) as url, closing(RedisPipeline(url)) as client:
        assert await client.execute_command("GET", "x") == "ok"


async def test_a_redis_that_hangs_twice_is_timed_out(tmp_path: Path) -> None:
    async with listening(tmp_path, [HANGS, HANGS]) as url, closing(RedisPipeline(url)) as client:
        with pytest.raises(TimedOut):
            await client.execute_command("GET", "x")


async def test_what_is_no_reply_ends_the_connection(tmp_path: Path) -> None:
    async with (
        listening(tmp_path, [b"HTTP/1.1 400\r\n\r\n"] * 2) as url,
        closing(RedisPipeline(url)) as client,
    ):
        with pytest.raises(ConnectionLost):
            await client.execute_command("GET", "x")


async def test_a_password_that_redis_does_not_want_is_an_error(redis_url: str) -> None:
    async with closing(RedisPipeline(f"{redis_url}?password=x")) as client:
        with pytest.raises(ResponseError):
            await client.execute_command("PING")


async def test_the_database_of_the_address_is_chosen(redis_url: str, redis: Redis) -> None:
    async with closing(RedisPipeline(f"{redis_url}?db=3")) as client:
        await client.execute_command("SET", "text", "x")
        assert await redis.get("text") is None
        assert await client.execute_command("GET", "text") == "x"
