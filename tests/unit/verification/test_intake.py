"""What becomes of an uploaded file when its paper is handed in, whatever comes in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image

from shared.adapters.pictures import cleaned
from shared.kernel.errors import Contended
from shared.verification.domain import Document, DocumentKind, FileNotAsDeclared, SubjectKind
from shared.verification.files import ActiveContent, FileUnreadable, PictureTooLarge, StoredFile
from shared.verification.intake import Intake
from shared.verification.lifecycle import submitted
from shared.verification.ports import FilesUnavailable
from tests.fakes.pictures import pdf, picture, png_bomb, saved, seen
from tests.fakes.storage import JPEG, FakeVault, InlineCleaner

pytestmark = [pytest.mark.mission("A6")]

NAME = "documents/asha/doc_1"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def document(content: bytes, content_type: str = "image/jpeg") -> Document:
    return Document(
        id="doc_1",
        subject_id="asha",
        subject_kind=SubjectKind.PERSON,
        owner_id="asha",
        kind=DocumentKind.IDENTITY,
        content_type=content_type,
        size=len(content),
        valid_until=None,
        created_at=NOW,
    )


def uploaded(content: bytes) -> FakeVault:
    vault = FakeVault()
    vault.files[NAME] = content, vault.count()
    return vault


class SlowCleaner(InlineCleaner):
    """Lets everybody else go on first, and counts who is drawing."""

    def __init__(self) -> None:
        self.drawing = self.most = self.times = 0

    async def clean(self, content: bytes, content_type: str) -> bytes:
        self.drawing, self.times = self.drawing + 1, self.times + 1
        self.most = max(self.most, self.drawing)
        for _ in range(5):
            await asyncio.sleep(0)
        self.drawing -= 1
        return await super().clean(content, content_type)


async def test_the_drawn_picture_is_all_that_is_left() -> None:
    vault = uploaded(JPEG + b"and a script")
    taken = await Intake(vault, InlineCleaner()).take_in(document(JPEG + b"and a script"))

    assert taken is not None
    assert taken.drawn
    assert vault.files == {NAME: (taken.content, int(taken.generation))}
    assert b"script" not in taken.content
    assert seen(taken.content).size == (24, 16)


async def test_a_picture_that_comes_out_as_it_went_in_is_drawn_as_well() -> None:
    ours = cleaned(saved(Image.new("RGB", (16, 16), "white"), "PNG"), "image/png")
    assert cleaned(ours, "image/jpeg") == ours

    taken = await Intake(uploaded(ours), InlineCleaner()).take_in(document(ours))
    assert taken is not None
    assert (taken.drawn, taken.content) == (True, ours)


async def test_where_nothing_was_uploaded_nothing_is_taken_in() -> None:
    assert await Intake(FakeVault(), InlineCleaner()).take_in(document(JPEG)) is None


@pytest.mark.parametrize(
    ("content", "content_type", "refusal"),
    [
        (png_bomb(20_000, 20_000), "image/png", PictureTooLarge),
        (JPEG[:-50], "image/jpeg", FileUnreadable),
        (pdf(b"/S /JavaScript"), "application/pdf", ActiveContent),
        (picture("PNG", 8, 8), "image/jpeg", FileNotAsDeclared),
    ],
)
async def test_what_is_refused_stays_unseen_where_it_is(
    content: bytes, content_type: str, refusal: type[Exception]
) -> None:
    vault = uploaded(content)
    with pytest.raises(refusal):
        await Intake(vault, InlineCleaner()).take_in(document(content, content_type))
    assert vault.files == {NAME: (content, 1)}


async def test_a_picture_of_another_size_than_declared_is_not_even_opened() -> None:
    cleaner = SlowCleaner()
    with pytest.raises(FileNotAsDeclared):
        await Intake(uploaded(JPEG), cleaner).take_in(document(JPEG + b"!"))
    assert cleaner.times == 0


async def test_a_pdf_stays_as_it_is() -> None:
    vault = uploaded(pdf())
    taken = await Intake(vault, InlineCleaner()).take_in(document(pdf(), "application/pdf"))

    assert taken is not None
    assert (taken.drawn, taken.content, vault.files) == (False, pdf(), {NAME: (pdf(), 1)})


def test_no_paper_is_handed_in_with_a_picture_that_nobody_has_drawn() -> None:
    raw = StoredFile(len(JPEG), "1", "0" * 64, JPEG[:16], drawn=False, content=JPEG)
    with pytest.raises(FileNotAsDeclared):
        submitted(document(JPEG), raw, NOW)
    shown = submitted(document(JPEG, "image/png"), replace(raw, drawn=True, size=7), NOW)
    assert (shown.content_type, shown.size, shown.generation) == ("image/jpeg", 7, "1")


async def test_a_crash_after_the_replacement_costs_nothing() -> None:
    vault, cleaner = uploaded(JPEG), SlowCleaner()
    first = await Intake(vault, cleaner).take_in(document(JPEG))
    again = await Intake(vault, cleaner).take_in(document(JPEG))

    assert first == again
    assert cleaner.times == 1


@pytest.mark.parametrize("answers", [0, 1])
async def test_a_store_that_falls_silent_is_asked_again_by_the_next_request(answers: int) -> None:
    vault = uploaded(JPEG)
    intake = Intake(Failing(vault, answers), InlineCleaner())
    with pytest.raises(FilesUnavailable):
        await intake.take_in(document(JPEG))

    taken = await intake.take_in(document(JPEG))
    assert taken is not None
    assert taken.drawn


class Failing(FakeVault):
    """A vault that answers so often, and then once not."""

    def __init__(self, inner: FakeVault, answers: int) -> None:
        super().__init__(files=inner.files)
        self._answers = answers

    def _answer(self) -> None:
        self._answers -= 1
        if self._answers == -1:
            raise FilesUnavailable


async def test_many_at_once_in_one_process_draw_one_after_the_other_and_once() -> None:
    vault, cleaner = uploaded(JPEG), SlowCleaner()
    intake = Intake(vault, cleaner)
    taken = await asyncio.gather(*(intake.take_in(document(JPEG)) for _ in range(5)))

    assert (cleaner.most, cleaner.times) == (1, 1)
    assert len({found.generation for found in taken if found}) == 1


async def test_of_two_processes_one_replaces_and_the_other_tries_again() -> None:
    vault, cleaner = uploaded(JPEG), SlowCleaner()
    outcomes = await asyncio.gather(
        *(Intake(vault, cleaner).take_in(document(JPEG)) for _ in range(2)), return_exceptions=True
    )

    assert [isinstance(outcome, Contended) for outcome in outcomes] == [False, True]
    retried = await Intake(vault, cleaner).take_in(document(JPEG))
    assert retried in outcomes
