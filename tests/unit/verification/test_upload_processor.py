"""The upload processor: safe files, refusals, interruptions and races."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image

from shared.adapters.image_sanitiser import sanitise
from shared.kernel.errors import Contended
from shared.verification.domain import DocumentKind, SubjectKind, VerificationDocument, VerificationRecord
from shared.verification.files import ActiveContent, FileUnreadable, PictureTooLarge, StoredFile
from shared.verification.ports import FilesUnavailable
from shared.verification.submission import FileNotAsDeclared, submit
from shared.verification.upload_processor import UploadProcessor
from tests.fakes.object_store import JPEG, FakeObjectStore, InlineSanitiser
from tests.fakes.pictures import pdf, picture, png_bomb, saved, seen

pytestmark = [pytest.mark.mission("A6")]

NAME = "documents/asha/doc_1"
RECORD = VerificationRecord("asha")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def document(content: bytes, content_type: str = "image/jpeg") -> VerificationDocument:
    return VerificationDocument(
        id="doc_1",
        subject_id="asha",
        subject_kind=SubjectKind.PERSON,
        owner_id="asha",
        kind=DocumentKind.IDENTITY,
        content_type=content_type,
        size=len(content),
        expires_on=None,
        valid_until=None,
        created_at=NOW,
    )


def uploaded(content: bytes) -> FakeObjectStore:
    store = FakeObjectStore()
    store.files[NAME] = content, store.count()
    return store


class SlowSanitiser(InlineSanitiser):
    """Lets other tasks run first, and counts concurrent calls."""

    def __init__(self) -> None:
        self.running = self.most = self.times = 0

    async def sanitise(self, content: bytes, content_type: str) -> bytes:
        self.running, self.times = self.running + 1, self.times + 1
        self.most = max(self.most, self.running)
        for _ in range(5):
            await asyncio.sleep(0)
        self.running -= 1
        return await super().sanitise(content, content_type)


async def test_only_the_re_encoded_image_is_left() -> None:
    store = uploaded(JPEG + b"and a script")
    processed = await UploadProcessor(store, InlineSanitiser()).process(document(JPEG + b"and a script"))

    assert processed is not None
    assert processed.re_encoded
    assert store.files == {NAME: (processed.content, int(processed.generation))}
    assert b"script" not in processed.content
    assert seen(processed.content).size == (24, 16)


async def test_an_image_that_re_encoding_does_not_change_is_re_encoded_as_well() -> None:
    ours = sanitise(saved(Image.new("RGB", (16, 16), "white"), "PNG"), "image/png")
    assert sanitise(ours, "image/jpeg") == ours

    processed = await UploadProcessor(uploaded(ours), InlineSanitiser()).process(document(ours))
    assert processed is not None
    assert (processed.re_encoded, processed.content) == (True, ours)


async def test_without_an_upload_nothing_is_processed() -> None:
    assert await UploadProcessor(FakeObjectStore(), InlineSanitiser()).process(document(JPEG)) is None


@pytest.mark.parametrize(
    ("content", "content_type", "refusal"),
    [
        (png_bomb(20_000, 20_000), "image/png", PictureTooLarge),
        (JPEG[:-50], "image/jpeg", FileUnreadable),
        (pdf(b"/S /JavaScript"), "application/pdf", ActiveContent),
        (picture("PNG", 8, 8), "image/jpeg", FileNotAsDeclared),
    ],
)
async def test_a_refused_file_stays_unchanged(
    content: bytes, content_type: str, refusal: type[Exception]
) -> None:
    store = uploaded(content)
    with pytest.raises(refusal):
        await UploadProcessor(store, InlineSanitiser()).process(document(content, content_type))
    assert store.files == {NAME: (content, 1)}


async def test_an_image_of_another_size_than_declared_is_not_decoded() -> None:
    sanitiser = SlowSanitiser()
    with pytest.raises(FileNotAsDeclared):
        await UploadProcessor(uploaded(JPEG), sanitiser).process(document(JPEG + b"!"))
    assert sanitiser.times == 0


async def test_a_pdf_stays_unchanged() -> None:
    store = uploaded(pdf())
    processed = await UploadProcessor(store, InlineSanitiser()).process(document(pdf(), "application/pdf"))

    assert processed is not None
    assert (processed.re_encoded, processed.content, store.files) == (False, pdf(), {NAME: (pdf(), 1)})


def test_a_document_cannot_be_submitted_with_an_image_that_was_not_re_encoded() -> None:
    raw = StoredFile(len(JPEG), "1", "0" * 64, JPEG[:16], re_encoded=False, content=JPEG)
    with pytest.raises(FileNotAsDeclared):
        submit(document(JPEG), RECORD, raw, NOW)
    safe = replace(raw, re_encoded=True, size=7)
    stored = submit(document(JPEG, "image/png"), RECORD, safe, NOW).result
    assert (stored.content_type, stored.size, stored.generation) == ("image/jpeg", 7, "1")


async def test_after_a_crash_the_replaced_image_is_returned_again() -> None:
    store, sanitiser = uploaded(JPEG), SlowSanitiser()
    first = await UploadProcessor(store, sanitiser).process(document(JPEG))
    again = await UploadProcessor(store, sanitiser).process(document(JPEG))

    assert first == again
    assert sanitiser.times == 1


@pytest.mark.parametrize("answers", [0, 1])
async def test_after_a_failure_of_the_store_the_next_request_continues(answers: int) -> None:
    store = uploaded(JPEG)
    processor = UploadProcessor(Failing(store, answers), InlineSanitiser())
    with pytest.raises(FilesUnavailable):
        await processor.process(document(JPEG))

    processed = await processor.process(document(JPEG))
    assert processed is not None
    assert processed.re_encoded


class Failing(FakeObjectStore):
    """A store that answers so often, and then once not."""

    def __init__(self, inner: FakeObjectStore, answers: int) -> None:
        super().__init__(files=inner.files)
        self._answers = answers

    def _answer(self) -> None:
        self._answers -= 1
        if self._answers == -1:
            raise FilesUnavailable


async def test_concurrent_requests_in_one_process_re_encode_one_at_a_time_and_once() -> None:
    store, sanitiser = uploaded(JPEG), SlowSanitiser()
    processor = UploadProcessor(store, sanitiser)
    processed = await asyncio.gather(*(processor.process(document(JPEG)) for _ in range(5)))

    assert (sanitiser.most, sanitiser.times) == (1, 1)
    assert len({found.generation for found in processed if found}) == 1


async def test_of_two_processes_one_replaces_the_image_and_the_other_retries() -> None:
    store, sanitiser = uploaded(JPEG), SlowSanitiser()
    outcomes = await asyncio.gather(
        *(UploadProcessor(store, sanitiser).process(document(JPEG)) for _ in range(2)), return_exceptions=True
    )

    assert [isinstance(outcome, Contended) for outcome in outcomes] == [False, True]
    retried = await UploadProcessor(store, sanitiser).process(document(JPEG))
    assert retried in outcomes
