"""One suite for `DocumentVault`: the fake and the adapter, over the store's emulator, behave alike."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx
import pytest

from emulators.providers.storage.server import StorageProvider
from shared.adapters.google_tokens import LocalTokens
from shared.adapters.storage import CloudStorage, Vault
from shared.verification.files import MAX_BYTES, READ_TIME, UPLOAD_TIME, Ticket
from shared.verification.ports import DocumentVault, FilesUnavailable
from tests.emulators.fake_clock import FakeClock
from tests.fakes.pictures import picture
from tests.fakes.storage import JPEG, FakeVault

pytestmark = [pytest.mark.mission("A6")]
NAME = "documents/asha/doc_1"
DRAWN = picture("JPEG", 8, 8)


class Service(Protocol):
    """A store of files under test, and what people can do with their URLs."""

    vault: DocumentVault

    async def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> bool: ...

    async def get(self, url: str) -> bytes | None: ...

    async def wait(self, time: timedelta) -> None: ...

    async def fail(self) -> None:
        """Let the next call go unanswered."""
        ...


class Fake:
    """The fake as a service."""

    def __init__(self) -> None:
        self.fake = FakeVault()
        self.vault: DocumentVault = self.fake

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
        where = Vault("papers", "verification-api@demo-waybill.iam.gserviceaccount.com", url, url)
        self.vault: DocumentVault = CloudStorage(where, LocalTokens(), client)
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
        for target in ("api", "sign"):
            rule = {"target": target, "action": "fail"}
            (await self._client.post(f"{self._url}/_control/script", json=rule)).raise_for_status()


@pytest.fixture(params=["fake", "google"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    if request.param == "fake":
        yield Fake()
        return
    clock = FakeClock(datetime.now(UTC))
    provider = StorageProvider(0, clock=clock)
    await provider.start()
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        yield Google(provider, clock, client)
    await provider.stop()


async def _ticket(service: Service, data: bytes = JPEG, content_type: str = "image/jpeg") -> Ticket:
    return await service.vault.ticket(NAME, content_type, len(data), datetime.now(UTC))


async def _uploaded(service: Service, data: bytes = JPEG) -> None:
    ticket = await _ticket(service, data)
    assert await service.put(ticket.url, data, ticket.headers)


async def test_a_file_is_uploaded_by_its_ticket_and_found(service: Service) -> None:
    await _uploaded(service)

    found = await service.vault.inspect(NAME)
    assert found is not None
    assert (found.size, found.sha256) == (len(JPEG), hashlib.sha256(JPEG).hexdigest())
    assert JPEG.startswith(found.head)


async def test_before_the_upload_there_is_nothing(service: Service) -> None:
    await _ticket(service)
    assert await service.vault.inspect(NAME) is None


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
async def test_other_headers_than_those_of_the_ticket_are_refused(
    service: Service, change: dict[str, str]
) -> None:
    ticket = await _ticket(service)

    assert not await service.put(ticket.url, JPEG, {**ticket.headers, **change})
    assert await service.vault.inspect(NAME) is None


@pytest.mark.parametrize("left_out", ["x-goog-content-length-range", "x-goog-if-generation-match"])
async def test_a_header_of_the_ticket_cannot_be_left_out(service: Service, left_out: str) -> None:
    ticket = await _ticket(service)
    headers = {name: value for name, value in ticket.headers.items() if name != left_out}

    assert not await service.put(ticket.url, JPEG, headers)


@pytest.mark.parametrize("data", [b"", JPEG[:-1], JPEG + b"\0", JPEG * 1000], ids=len)
async def test_a_byte_more_or_less_than_declared_is_refused(service: Service, data: bytes) -> None:
    ticket = await _ticket(service)

    assert not await service.put(ticket.url, data, ticket.headers)
    assert await service.vault.inspect(NAME) is None


async def test_a_ticket_is_over_after_ten_minutes(service: Service) -> None:
    ticket = await _ticket(service)
    await service.wait(UPLOAD_TIME + timedelta(seconds=1))

    assert not await service.put(ticket.url, JPEG, ticket.headers)


async def test_what_was_uploaded_cannot_be_replaced(service: Service) -> None:
    ticket = await _ticket(service)
    assert await service.put(ticket.url, JPEG, ticket.headers)

    forged = JPEG[:-1] + b"!"
    assert not await service.put(ticket.url, forged, ticket.headers)
    found = await service.vault.inspect(NAME)
    assert found is not None
    assert found.sha256 == hashlib.sha256(JPEG).hexdigest()


async def test_a_ticket_for_one_file_is_none_for_another_nor_for_reading(service: Service) -> None:
    ticket = await _ticket(service)

    assert not await service.put(ticket.url.replace("asha", "ravi"), JPEG, ticket.headers)
    await _uploaded(service)
    assert await service.get(ticket.url) is None


async def test_a_forged_signature_is_refused(service: Service) -> None:
    ticket = await _ticket(service)
    last = ticket.url[-1]

    assert not await service.put(ticket.url[:-1] + ("0" if last != "0" else "1"), JPEG, ticket.headers)
    assert not await service.put(ticket.url.partition("?")[0], JPEG, ticket.headers)


async def test_a_file_is_read_by_a_url_that_ends(service: Service) -> None:
    await _uploaded(service)
    found = await service.vault.inspect(NAME)
    assert found is not None
    url = await service.vault.read_url(NAME, found.generation)

    assert await service.get(url) == JPEG
    await service.wait(READ_TIME + timedelta(seconds=1))
    assert await service.get(url) is None


async def test_a_url_shows_the_bytes_that_it_was_made_for_and_no_others(service: Service) -> None:
    await _uploaded(service)
    found = await service.vault.inspect(NAME)
    assert found is not None
    url = await service.vault.read_url(NAME, found.generation)
    await service.vault.discard(NAME)
    await _uploaded(service)

    assert await service.get(url) is None


async def test_a_file_is_forgotten_and_it_is_no_error_that_there_is_none(service: Service) -> None:
    await _uploaded(service)
    await service.vault.discard(NAME)
    await service.vault.discard(NAME)

    assert await service.vault.inspect(NAME) is None


async def test_a_picture_takes_the_place_of_what_was_uploaded_and_says_so(service: Service) -> None:
    await _uploaded(service)
    found = await service.vault.inspect(NAME)
    assert found is not None
    assert (found.drawn, found.content) == (False, JPEG)
    old = await service.vault.read_url(NAME, found.generation)

    put = await service.vault.replace(NAME, found.generation, DRAWN)

    assert put is not None
    assert put == await service.vault.inspect(NAME)
    assert (put.drawn, put.content, put.size) == (True, DRAWN, len(DRAWN))
    assert put.generation != found.generation
    assert await service.get(await service.vault.read_url(NAME, put.generation)) == DRAWN
    assert await service.get(old) is None, "what was uploaded is gone"


async def test_only_what_was_looked_at_is_replaced(service: Service) -> None:
    assert await service.vault.replace(NAME, "1", DRAWN) is None
    await _uploaded(service)
    found = await service.vault.inspect(NAME)
    assert found is not None
    assert await service.vault.replace(NAME, found.generation, DRAWN) is not None
    assert await service.vault.replace(NAME, found.generation, b"\xff\xd8\xff late") is None
    last = await service.vault.inspect(NAME)
    assert last is not None
    assert last.content == DRAWN


@pytest.mark.parametrize("mark", ["x-goog-meta-drawn", "x-goog-metadata-drawn"])
async def test_nobody_can_say_of_their_upload_that_it_was_drawn(service: Service, mark: str) -> None:
    ticket = await _ticket(service)
    assert not await service.put(ticket.url, JPEG, {**ticket.headers, mark: "yes"})

    await _uploaded(service)
    found = await service.vault.inspect(NAME)
    assert found is not None
    assert not found.drawn


async def test_after_a_replacement_the_ticket_uploads_nothing_any_more(service: Service) -> None:
    ticket = await _ticket(service)
    assert await service.put(ticket.url, JPEG, ticket.headers)
    found = await service.vault.inspect(NAME)
    assert found is not None
    await service.vault.replace(NAME, found.generation, DRAWN)

    assert not await service.put(ticket.url, JPEG, ticket.headers)


async def test_a_store_that_does_not_answer_is_unavailable(service: Service) -> None:
    await service.fail()
    with pytest.raises(FilesUnavailable):
        await service.vault.inspect(NAME)
    await service.fail()
    with pytest.raises(FilesUnavailable):
        await service.vault.replace(NAME, "1", DRAWN)
    await service.fail()
    with pytest.raises(FilesUnavailable):
        await _ticket(service)
