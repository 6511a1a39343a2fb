"""One contract suite for `ObjectStore`: the fake, and the adapter over the emulator."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx
import pytest

from emulators.providers.storage.server import StorageProvider
from shared.adapters.object_store import Bucket, CloudObjectStore
from shared.verification.files import MAX_BYTES, READ_TIME, UPLOAD_TIME, SignedUpload
from shared.verification.ports import FilesUnavailable, ObjectStore
from tests.emulators.fake_clock import FakeClock
from tests.fakes.object_store import JPEG, FakeObjectStore
from tests.fakes.pictures import picture
from tests.patience import HANG_SECONDS

pytestmark = [pytest.mark.mission("A6")]
NAME = "documents/asha/doc_1"
RE_ENCODED = picture("JPEG", 8, 8)


class Service(Protocol):
    """An object store under test, and the clients of its signed URLs."""

    store: ObjectStore

    async def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> bool: ...

    async def get(self, url: str) -> bytes | None: ...

    async def wait(self, time: timedelta) -> None: ...

    async def fail(self) -> None:
        """Let the next call fail."""
        ...


class Fake:
    """The fake as a service."""

    def __init__(self) -> None:
        self.fake = FakeObjectStore()
        self.store: ObjectStore = self.fake

    async def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> bool:
        return self.fake.put(url, data, headers)

    async def get(self, url: str) -> bytes | None:
        return self.fake.get(url)

    async def wait(self, time: timedelta) -> None:
        self.fake.now += time

    async def fail(self) -> None:
        self.fake.down = 1


class Google:
    """The adapter over the emulator."""

    def __init__(self, provider: StorageProvider, clock: FakeClock, client: httpx.AsyncClient) -> None:
        url = provider.url
        where = Bucket("documents", "verification-api@demo-waybill.iam.gserviceaccount.com", url, url)
        self.store: ObjectStore = CloudObjectStore(where)
        self._url = url
        self._clock = clock
        self._client = client

    async def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> bool:
        return (await self._client.put(url, content=data, headers=dict(headers))).is_success

    async def get(self, url: str) -> bytes | None:
        answer = await self._client.get(url)
        return answer.content if answer.is_success else None

    async def wait(self, time: timedelta) -> None:
        self._clock.advance(time)

    async def fail(self) -> None:
        for target, times in (("api", 1), ("sign", 3)):  # Google's signer tries three times
            rule = {"target": target, "action": "fail", "times": times}
            (await self._client.post(f"{self._url}/_control/script", json=rule)).raise_for_status()


@pytest.fixture(params=["fake", "google"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    if request.param == "fake":
        yield Fake()
        return
    clock = FakeClock(datetime.now(UTC))
    provider = StorageProvider(0, clock=clock)
    await provider.start()
    async with httpx.AsyncClient(timeout=HANG_SECONDS, trust_env=False) as client:
        yield Google(provider, clock, client)
    await provider.stop()


async def _upload(service: Service, data: bytes = JPEG, content_type: str = "image/jpeg") -> SignedUpload:
    return await service.store.sign_upload(NAME, content_type, len(data), datetime.now(UTC))


async def _uploaded(service: Service, data: bytes = JPEG) -> None:
    upload = await _upload(service, data)
    assert await service.put(upload.url, data, upload.headers)


async def test_a_file_is_uploaded_by_its_signed_url_and_found(service: Service) -> None:
    await _uploaded(service)

    found = await service.store.inspect(NAME)
    assert found is not None
    assert (found.size, found.sha256) == (len(JPEG), hashlib.sha256(JPEG).hexdigest())
    assert JPEG.startswith(found.head)


async def test_before_the_upload_there_is_no_file(service: Service) -> None:
    await _upload(service)
    assert await service.store.inspect(NAME) is None


@pytest.mark.parametrize(
    "change",
    [
        {"content-type": "image/png"},
        {"content-type": "text/html"},
        {"x-goog-content-length-range": f"0,{MAX_BYTES}"},
        {"x-goog-if-generation-match": "1"},
        {"x-goog-acl": "public-read"},
    ],
    ids=str,
)
async def test_headers_that_were_not_signed_are_refused(service: Service, change: dict[str, str]) -> None:
    upload = await _upload(service)

    assert not await service.put(upload.url, JPEG, {**upload.headers, **change})
    assert await service.store.inspect(NAME) is None


@pytest.mark.parametrize("left_out", ["x-goog-content-length-range", "x-goog-if-generation-match"])
async def test_a_signed_header_cannot_be_omitted(service: Service, left_out: str) -> None:
    upload = await _upload(service)
    headers = {name: value for name, value in upload.headers.items() if name != left_out}

    assert not await service.put(upload.url, JPEG, headers)


@pytest.mark.parametrize("data", [b"", JPEG[:-1], JPEG + b"\0", JPEG * 1000], ids=len)
async def test_a_file_of_another_size_is_refused(service: Service, data: bytes) -> None:
    upload = await _upload(service)

    assert not await service.put(upload.url, data, upload.headers)
    assert await service.store.inspect(NAME) is None


async def test_a_signed_upload_expires_after_ten_minutes(service: Service) -> None:
    upload = await _upload(service)
    await service.wait(UPLOAD_TIME + timedelta(seconds=1))

    assert not await service.put(upload.url, JPEG, upload.headers)


async def test_an_uploaded_file_cannot_be_uploaded_again(service: Service) -> None:
    upload = await _upload(service)
    assert await service.put(upload.url, JPEG, upload.headers)

    forged = JPEG[:-1] + b"!"
    assert not await service.put(upload.url, forged, upload.headers)
    found = await service.store.inspect(NAME)
    assert found is not None
    assert found.sha256 == hashlib.sha256(JPEG).hexdigest()


async def test_a_signed_upload_is_for_one_file_and_not_for_reading(service: Service) -> None:
    upload = await _upload(service)

    assert not await service.put(upload.url.replace("asha", "ravi"), JPEG, upload.headers)
    await _uploaded(service)
    assert await service.get(upload.url) is None


async def test_a_forged_signature_is_refused(service: Service) -> None:
    upload = await _upload(service)
    last = upload.url[-1]

    assert not await service.put(upload.url[:-1] + ("0" if last != "0" else "1"), JPEG, upload.headers)
    assert not await service.put(upload.url.partition("?")[0], JPEG, upload.headers)


async def test_a_signed_download_expires(service: Service) -> None:
    await _uploaded(service)
    found = await service.store.inspect(NAME)
    assert found is not None
    url = await service.store.sign_download(NAME, found.generation)

    assert await service.get(url) == JPEG
    await service.wait(READ_TIME + timedelta(seconds=1))
    assert await service.get(url) is None


async def test_a_signed_download_is_for_one_generation(service: Service) -> None:
    await _uploaded(service)
    found = await service.store.inspect(NAME)
    assert found is not None
    url = await service.store.sign_download(NAME, found.generation)
    await service.store.delete(NAME)
    await _uploaded(service)

    assert await service.get(url) is None


async def test_a_file_is_deleted_and_deleting_it_again_is_no_error(service: Service) -> None:
    await _uploaded(service)
    await service.store.delete(NAME)
    await service.store.delete(NAME)

    assert await service.store.inspect(NAME) is None


async def test_a_re_encoded_image_replaces_the_upload_and_is_marked(service: Service) -> None:
    await _uploaded(service)
    found = await service.store.inspect(NAME)
    assert found is not None
    assert (found.re_encoded, found.content) == (False, JPEG)
    old = await service.store.sign_download(NAME, found.generation)

    put = await service.store.replace(NAME, found.generation, RE_ENCODED)

    assert put is not None
    assert put == await service.store.inspect(NAME)
    assert (put.re_encoded, put.content, put.size) == (True, RE_ENCODED, len(RE_ENCODED))
    assert put.generation != found.generation
    assert await service.get(await service.store.sign_download(NAME, put.generation)) == RE_ENCODED
    assert await service.get(old) is None, "the uploaded bytes are deleted"


async def test_only_the_inspected_generation_is_replaced(service: Service) -> None:
    assert await service.store.replace(NAME, "1", RE_ENCODED) is None
    await _uploaded(service)
    found = await service.store.inspect(NAME)
    assert found is not None
    assert await service.store.replace(NAME, found.generation, RE_ENCODED) is not None
    assert await service.store.replace(NAME, found.generation, b"\xff\xd8\xff late") is None
    last = await service.store.inspect(NAME)
    assert last is not None
    assert last.content == RE_ENCODED


@pytest.mark.parametrize("mark", ["x-goog-meta-re_encoded", "x-goog-metadata-re_encoded"])
async def test_a_client_cannot_mark_its_upload_as_re_encoded(service: Service, mark: str) -> None:
    upload = await _upload(service)
    assert not await service.put(upload.url, JPEG, {**upload.headers, mark: "yes"})

    await _uploaded(service)
    found = await service.store.inspect(NAME)
    assert found is not None
    assert not found.re_encoded


async def test_after_a_replacement_the_signed_upload_is_refused(service: Service) -> None:
    upload = await _upload(service)
    assert await service.put(upload.url, JPEG, upload.headers)
    found = await service.store.inspect(NAME)
    assert found is not None
    await service.store.replace(NAME, found.generation, RE_ENCODED)

    assert not await service.put(upload.url, JPEG, upload.headers)


async def test_a_store_that_does_not_answer_is_unavailable(service: Service) -> None:
    await service.fail()
    with pytest.raises(FilesUnavailable):
        await service.store.inspect(NAME)
    await service.fail()
    with pytest.raises(FilesUnavailable):
        await service.store.replace(NAME, "1", RE_ENCODED)
    await service.fail()
    with pytest.raises(FilesUnavailable):
        await _upload(service)
