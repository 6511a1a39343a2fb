"""External systems of users: object store, geocoder, sign-in service and secret cipher."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from shared.adapters.copies import Found
from shared.adapters.redis_statuses import LIFETIME
from shared.kernel.access import AccountStatus
from shared.kernel.errors import Unavailable
from shared.profiles.addresses import Location, MapMatch
from shared.profiles.ports import MapUnavailable
from shared.verification.files import SignedUpload, StoredFile
from shared.verification.ports import FilesUnavailable
from tests.fakes.accounts import MemoryStatusCache
from tests.fakes.copies import MemoryCopies
from tests.fakes.identities import FakeIdentities
from tests.fakes.maps import FakeMap
from tests.fakes.object_store import FakeObjectStore
from tests.simulation.faults import Faults
from tests.simulation.ports.wire import Wire
from tests.simulation.process import true_time
from tests.simulation.short_calendar import COPIES

R = TypeVar("R")
KNOWN_PLACES = {
    "12th main": Location(12.9784, 77.6408),
    "100 feet road": Location(12.9719, 77.6412),
    "church street": Location(12.9750, 77.6050),
}

AREAS = {"indiranagar": Location(12.9719, 77.6412)}


class SimulatedObjectStore:
    """See `ObjectStore`; a client with a signed URL uploads directly into `inner`."""

    def __init__(self, wire: Wire) -> None:
        self.inner = FakeObjectStore()
        self._wire = wire

    async def sign_upload(self, name: str, content_type: str, size: int, now: datetime) -> SignedUpload:
        return await self._asked(
            "files.sign_upload", lambda: self.inner.sign_upload(name, content_type, size, now)
        )

    async def inspect(self, name: str) -> StoredFile | None:
        return await self._asked("files.inspect", lambda: self.inner.inspect(name))

    async def replace(self, name: str, generation: str, image: bytes) -> StoredFile | None:
        return await self._wire.write(
            "files.replace", lambda: self.inner.replace(name, generation, image), FilesUnavailable
        )

    async def sign_download(self, name: str, generation: str) -> str:
        return await self._asked("files.sign_download", lambda: self.inner.sign_download(name, generation))

    async def delete(self, name: str) -> None:
        await self._wire.write("files.delete", lambda: self.inner.delete(name), FilesUnavailable)

    def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> bool:
        """Upload by a signed URL; return whether the upload was accepted."""
        self.inner.now = true_time()
        return self.inner.put(url, data, headers)

    async def _asked(self, operation: str, ask: Callable[[], Awaitable[R]]) -> R:
        self.inner.now = true_time()
        return await self._wire.read(operation, ask, FilesUnavailable)


class SimulatedGeocoder:
    """See `Geocoder`."""

    def __init__(self, wire: Wire) -> None:
        self.inner = FakeMap(dict(KNOWN_PLACES), dict(AREAS))
        self._wire = wire

    async def locate(self, address: str) -> MapMatch | None:
        return await self._wire.read("geocoder", lambda: self.inner.locate(address), MapUnavailable)


class SimulatedIdentities:
    """See `IdentityProvider`; `users` have signed up."""

    def __init__(self, wire: Wire, users: Iterable[str] = ()) -> None:
        self.inner = FakeIdentities(users=set(users))
        self._wire = wire

    async def knows(self, uid: str) -> bool:
        return await self._wire.read("identities.knows", lambda: self.inner.knows(uid), Unavailable)

    async def sign_out(self, uid: str, at: datetime) -> None:
        await self._wire.write("identities.sign_out", lambda: self.inner.sign_out(uid, at), Unavailable)

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        await self._wire.write(
            "identities.set_disabled", lambda: self.inner.set_disabled(uid, disabled), Unavailable
        )


class SimulatedStatusCache:
    """See `StatusCache`; an entry expires as those in Redis do."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._inner = wire, MemoryStatusCache()
        self._kept_at: dict[str, datetime] = {}

    async def get(self, uid: str) -> AccountStatus | None:
        if true_time() - self._kept_at.get(uid, true_time()) >= LIFETIME:
            self._inner.kept.pop(uid, None)
        return await self._wire.read("statuses.get", lambda: self._inner.get(uid), Unavailable)

    async def put(self, uid: str, status: AccountStatus) -> None:
        async def put() -> None:
            self._kept_at[uid] = true_time()
            await self._inner.put(uid, status)

        await self._wire.write("statuses.put", put, Unavailable)

    async def forget(self, uid: str) -> None:
        await self._wire.write("statuses.forget", lambda: self._inner.forget(uid), Unavailable)


class SimulatedCopies:
    """See `Copies`; like the rest of Redis, they are wiped and down with the driver location index."""

    def __init__(self, wire: Wire, faults: Faults) -> None:
        self.inner = MemoryCopies(true_time, COPIES)
        self._wire, self._faults = wire, faults

    async def get(self, key: str, token: str) -> Found:
        return await self._wire.write("copies.get", lambda: self.inner.get(key, token), Unavailable)

    async def put(self, key: str, token: str, value: str) -> None:
        await self._wire.write("copies.put", lambda: self.inner.put(key, token, value), Unavailable)

    async def trust(self, key: str, lasting: timedelta) -> None:
        await self._wire.write("copies.trust", lambda: self.inner.trust(key, lasting), Unavailable)

    async def hold(self, keys: Sequence[str], holder: str) -> None:
        await self._wire.write("copies.hold", lambda: self.inner.hold(keys, holder), Unavailable)
        if self._faults.strikes("copies-lost"):
            self.inner.wipe()

    async def release(self, keys: Sequence[str], holder: str) -> None:
        await self._wire.write("copies.release", lambda: self.inner.release(keys, holder), Unavailable)


class PlainCipher:
    """See `SecretCipher`: it hides nothing."""

    def encrypt(self, plain: str, owner: str) -> str:
        return f"{owner}:{plain}"

    def decrypt(self, encrypted: str, owner: str) -> str:
        return encrypted.removeprefix(f"{owner}:")
