"""Pictures and PDFs that people upload: what is left of them, and which are refused before they do harm."""

from __future__ import annotations

import asyncio
import io
import threading
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.adapters import pictures
from shared.adapters.pictures import MAX_PIXELS, MAX_SCANS, MAX_SIDE, ORIENTATION, PictureCleaner, cleaned
from shared.kernel.errors import Invalid
from shared.verification.files import ActiveContent, FileUnreadable, PictureTooLarge
from tests.fakes.pictures import (
    BLUE,
    RED,
    jpeg_of_many_scans,
    pdf,
    picture,
    png_bomb,
    png_with_text_bomb,
    png_without_palette,
    saved,
    seen,
)

pytestmark = [pytest.mark.mission("A6")]

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SECRET = b"12.9716 north, 77.5946 east"


def near(found: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(found, tuple)
    return all(abs(one - other) < 40 for one, other in zip(found, wanted, strict=True))


def exif(orientation: int = 1) -> Image.Exif:
    original = Image.Exif()
    original[ORIENTATION] = orientation
    original[0x010E] = SECRET.decode()
    return original


class TestWhatIsLeft:
    @pytest.mark.parametrize(
        ("kind", "mode"),
        [
            *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
            *(("PNG", mode) for mode in ("RGB", "RGBA", "L", "LA", "P", "1")),
            *(("WEBP", mode) for mode in ("RGB", "RGBA")),
        ],
    )
    def test_a_picture_shows_what_it_showed(self, kind: str, mode: str) -> None:
        found = seen(cleaned(picture(kind, 40, 20, mode), TYPES[kind]))

        assert (found.format, found.mode, found.size) == ("JPEG", "RGB", (40, 20))
        if mode in ("RGB", "RGBA", "CMYK"):
            assert near(found.getpixel((5, 10)), RED)
            assert near(found.getpixel((35, 10)), BLUE)

    def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off(self) -> None:
        found = seen(cleaned(saved(Image.new("I;16", (8, 8), 32_768), "PNG"), "image/png"))

        assert near(found.getpixel((4, 4)), (128, 128, 128))

    def test_what_can_be_seen_through_lies_on_white(self) -> None:
        clear = Image.new("RGBA", (16, 16), (*RED, 0))

        assert near(seen(cleaned(saved(clear, "PNG"), "image/png")).getpixel((8, 8)), (255, 255, 255))

    @pytest.mark.parametrize("kind", TYPES)
    def test_place_and_device_are_not_in_it(self, kind: str) -> None:
        original = picture(kind, 40, 20, exif=exif(), xmp=SECRET, icc_profile=SECRET)
        assert SECRET in original

        left = cleaned(original, TYPES[kind])
        assert SECRET not in left
        assert set(seen(left).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert dict(seen(left).getexif()) == {}

    def test_nor_is_a_comment(self) -> None:
        assert SECRET not in cleaned(picture("JPEG", 40, 20, comment=SECRET), "image/jpeg")

    @pytest.mark.parametrize(
        ("orientation", "size", "red"),
        [
            (1, (40, 20), (5, 10)),
            (2, (40, 20), (35, 10)),
            (3, (40, 20), (35, 10)),
            (4, (40, 20), (5, 10)),
            (5, (20, 40), (10, 5)),
            (6, (20, 40), (10, 5)),
            (7, (20, 40), (10, 35)),
            (8, (20, 40), (10, 35)),
            (99, (40, 20), (5, 10)),
        ],
    )
    def test_it_stands_upright_though_the_camera_did_not(
        self, orientation: int, size: tuple[int, int], red: tuple[int, int]
    ) -> None:
        found = seen(cleaned(picture("JPEG", 40, 20, exif=exif(orientation)), "image/jpeg"))

        assert found.size == size
        assert near(found.getpixel(red), RED)

    def test_what_was_put_behind_its_end_is_not(self) -> None:
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("run.js", SECRET)
        script = b"<html><script>alert(1)</script>" + SECRET
        for kind, content_type in TYPES.items():
            for behind in (zipped.getvalue(), script, pdf(SECRET)):
                left = cleaned(picture(kind, 40, 20) + behind, content_type)
                assert SECRET not in left
                assert not zipfile.is_zipfile(io.BytesIO(left))
                assert b"<script" not in left
                assert b"%PDF" not in left

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_of_a_moving_picture_the_first_frame(self, kind: str) -> None:
        frames = [Image.new("RGB", (40, 20), colour) for colour in (RED, BLUE)]
        moving = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)

        assert near(seen(cleaned(moving, TYPES[kind])).getpixel((20, 10)), RED)

    def test_one_that_comes_out_too_large_is_drawn_more_coarsely(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noise = saved(Image.effect_noise((200, 200), 100), "PNG")
        fine = len(cleaned(noise, "image/png"))
        monkeypatch.setattr(pictures, "MAX_BYTES", fine - 1)
        assert len(cleaned(noise, "image/png")) < fine

        monkeypatch.setattr(pictures, "MAX_BYTES", 100)
        with pytest.raises(PictureTooLarge):
            cleaned(noise, "image/png")


class TestBombs:
    @pytest.mark.parametrize("side", [5_001, 6_400, 12_000, 50_000])
    def test_a_file_of_kilobytes_with_millions_of_pixels_is_not_drawn(
        self, side: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert side * side > MAX_PIXELS
        monkeypatch.setattr(Image.Image, "load", _never)
        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", _never)

        with pytest.raises(PictureTooLarge):
            cleaned(png_bomb(side, side), "image/png")

    def test_the_largest_picture_is_drawn(self) -> None:
        assert seen(cleaned(png_bomb(5_000, 5_000), "image/png")).size == (5_000, 5_000)

    def test_a_picture_that_is_longer_than_any_jpeg_is_refused(self) -> None:
        assert seen(cleaned(png_bomb(1, MAX_SIDE), "image/png")).size == (1, MAX_SIDE)
        for size in ((MAX_SIDE + 1, 1), (1, MAX_SIDE + 1)):
            with pytest.raises(PictureTooLarge):
                cleaned(png_bomb(*size), "image/png")

    @pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
    def test_the_cap_holds_for_every_type(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pictures, "MAX_PIXELS", 40 * 20 - 1)
        with pytest.raises(PictureTooLarge):
            cleaned(picture(kind, 40, 20), TYPES[kind])

    def test_a_comment_that_unfolds_to_two_hundred_megabytes_does_not_unfold(self) -> None:
        with pytest.raises(FileUnreadable):
            cleaned(png_with_text_bomb(200 * 1024), "image/png")

    def test_passes_over_the_pixels_are_counted_before_any_is_made(self) -> None:
        assert seen(cleaned(jpeg_of_many_scans(20), "image/jpeg")).size == (64, 64)
        with pytest.raises(PictureTooLarge):
            cleaned(jpeg_of_many_scans(MAX_SCANS + 1), "image/jpeg")


class TestDamage:
    @pytest.mark.parametrize("kind", TYPES)
    @pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
    def test_a_file_that_breaks_off_is_unreadable(self, kind: str, share: float) -> None:
        whole = picture(kind, 400, 300) if kind != "PNG" else saved(Image.effect_noise((80, 60), 90), kind)
        with pytest.raises(FileUnreadable):
            cleaned(whole[: int(len(whole) * share)], TYPES[kind])

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "PPM"])
    @pytest.mark.parametrize("said", TYPES)
    def test_only_the_decoder_of_the_declared_type_is_asked(self, kind: str, said: str) -> None:
        if kind == said:
            return
        with pytest.raises(FileUnreadable):
            cleaned(picture(kind, 16, 16), TYPES[said])

    def test_a_picture_that_names_colours_of_no_palette_is_unreadable(self) -> None:
        with pytest.raises(FileUnreadable):
            cleaned(png_without_palette(), "image/png")

    @pytest.mark.filterwarnings("ignore::UserWarning:PIL")
    @given(kind=st.sampled_from(sorted(TYPES)), data=st.data())
    @settings(max_examples=300)
    def test_whatever_bytes_are_hurt_it_is_drawn_or_refused(self, kind: str, data: st.DataObject) -> None:
        content = bytearray(picture(kind, 32, 24, exif=exif(6)))
        for _ in range(data.draw(st.integers(1, 6))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        try:
            left = cleaned(bytes(content), TYPES[kind])
        except Invalid:
            return
        assert seen(left).format == "JPEG"

    @given(content=st.binary(max_size=400), content_type=st.sampled_from(sorted(TYPES.values())))
    @settings(max_examples=100)
    def test_noise_is_refused(self, content: bytes, content_type: str) -> None:
        with pytest.raises(FileUnreadable):
            cleaned(content, content_type)


class TestPdf:
    def test_a_plain_one_stays_as_it_is(self) -> None:
        plain = pdf(b"/Lang (en)", b"% JavaScript, /JavaScripts and Launch are words")
        assert cleaned(plain, "application/pdf") == plain

    @pytest.mark.parametrize(
        "line",
        [
            b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>",
            b"/OpenAction << /S /J#61va#53cript >>",
            b"/OpenAction<</S/#4aavaScript/JS 3 0 R>>",
            b"/AA << /O << /S /Launch /F (cmd.exe) >> >>",
            b"/Names << /EmbeddedFiles << /Names [] >> >>",
            b"/Type /EmbeddedFile",
            b"/Subtype/RichMedia",
        ],
    )
    def test_one_that_acts_by_itself_is_refused(self, line: bytes) -> None:
        with pytest.raises(ActiveContent):
            cleaned(pdf(line), "application/pdf")

    @pytest.mark.parametrize("content", [b"%PDF-1.7", pdf()[:-7], pdf() + bytes(2_000)], ids=len)
    def test_one_that_breaks_off_or_goes_on_is_unreadable(self, content: bytes) -> None:
        with pytest.raises(FileUnreadable):
            cleaned(content, "application/pdf")


async def test_the_event_loop_goes_on_while_one_picture_at_a_time_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loops, drawing, most = threading.get_ident(), 0, 0
    original, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def draw(content: bytes, _: str) -> bytes:
        nonlocal drawing, most
        assert threading.get_ident() != loops
        drawing, most = drawing + 1, max(most, drawing + 1)
        loop.call_soon_threadsafe(original.set)
        assert go.wait(10)
        drawing -= 1
        return content

    monkeypatch.setattr(pictures, "cleaned", draw)
    cleaner = PictureCleaner()
    waiting = [asyncio.ensure_future(cleaner.clean(bytes([n]), "image/png")) for n in range(3)]
    await asyncio.wait_for(original.wait(), 10)
    waiting[0].cancel()
    go.set()
    assert await asyncio.gather(*waiting[1:]) == [b"\x01", b"\x02"]
    assert most == 1


def _never(*_: object) -> None:
    pytest.fail("a bomb was decoded")
