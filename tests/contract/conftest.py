"""What the contract suites share: a Redis of their own, and every database that a store may stand on."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from emulators.stack.locate import redis_server
from shared.adapters.firestore.database import Database
from shared.adapters.redis_client import connect
from shared.adapters.redis_driver_index import RedisDriverIndex
from shared.adapters.redis_pipeline import RedisPipeline
from shared.adapters.redis_positions import RedisPositions
from tests.contract.driver_indexes import IndexUnderTest
from tests.contract.simulated import Script, wire
from tests.contract.stores import Ground
from tests.emulators.function import clock, function, signer
from tests.fakes.database import MemoryDatabase
from tests.fakes.dispatch import MemoryDriverIndex
from tests.simulation.ports.database import SimulatedDatabase, Store
from tests.simulation.ports.driver_index import SimulatedDriverIndex

__all__ = ["clock", "function", "signer"]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of the session's own on a socket, so that no port can clash."""
    folder = tmp_path_factory.mktemp("redis")
    socket = Path("/tmp") / f"waybill-redis-{folder.stat().st_ino}.sock"  # noqa: S108 - sockets need short paths
    command = [
        str(redis_server()),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert process.stdout is not None
        while "ready to accept connections" not in (line := process.stdout.readline()).lower():
            assert line, "Redis ended before it was ready"
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = connect(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def pipeline(redis: Redis, redis_url: str) -> AsyncIterator[RedisPipeline]:
    """The lean client of the same Redis, which is empty."""
    client = RedisPipeline(redis_url)
    yield client
    await client.aclose()


@pytest.fixture(params=["fake", "simulation", pytest.param("emulator", marks=pytest.mark.emulator)])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """An empty database: ours in memory, the simulation's, and a project of its own on the emulator."""
    if request.param == "fake":
        yield MemoryDatabase()
        return
    if request.param == "simulation":
        yield SimulatedDatabase(wire(Script()), Store(), lambda _, __: None)
        return
    from shared.adapters.firestore.client import FirestoreDatabase

    address = request.getfixturevalue("firestore")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", address)
        yield FirestoreDatabase(f"contract-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def ground(database: Database) -> Ground:
    return Ground(database)


@pytest.fixture
async def simulated_index() -> SimulatedDriverIndex:
    return SimulatedDriverIndex(wire(Script()), Script())


@pytest.fixture(params=["fake", "simulated", "redis"])
def driver_index(request: pytest.FixtureRequest) -> IndexUnderTest:
    if request.param != "redis":
        known = MemoryDriverIndex() if request.param == "fake" else request.getfixturevalue("simulated_index")
        return IndexUnderTest(known, known)
    client: RedisPipeline = request.getfixturevalue("pipeline")
    return IndexUnderTest(RedisDriverIndex(client), RedisPositions(client))
