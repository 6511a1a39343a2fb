"""Re-encoded images and checked PDFs: their content, and the files that are refused."""

from __future__ import annotations

import asyncio
import io
import threading
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.adapters import image_sanitiser
from shared.adapters.image_sanitiser import (
    MAX_PIXELS,
    MAX_SCANS,
    MAX_SIDE,
    ORIENTATION,
    PillowSanitiser,
    sanitise,
)
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
from tests.patience import HANG_SECONDS

pytestmark = [pytest.mark.mission("A6")]

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SECRET = b"12.9716 north, 77.5946 east"


def near(found: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(found, tuple)
    return all(abs(one - other) < 40 for one, other in zip(found, wanted, strict=True))


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[ORIENTATION] = orientation
    data[0x010E] = SECRET.decode()
    return data


class TestReEncoding:
    @pytest.mark.parametrize(
        ("kind", "mode"),
        [
            *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
            *(("PNG", mode) for mode in ("RGB", "RGBA", "L", "LA", "P", "1")),
            *(("WEBP", mode) for mode in ("RGB", "RGBA")),
        ],
    )
    def test_the_pixels_stay_the_same(self, kind: str, mode: str) -> None:
        found = seen(sanitise(picture(kind, 40, 20, mode), TYPES[kind]))

        assert (found.format, found.mode, found.size) == ("JPEG", "RGB", (40, 20))
        if mode in ("RGB", "RGBA", "CMYK"):
            assert near(found.getpixel((5, 10)), RED)
            assert near(found.getpixel((35, 10)), BLUE)

    def test_sixteen_bit_greys_are_scaled_and_not_clipped(self) -> None:
        found = seen(sanitise(saved(Image.new("I;16", (8, 8), 32_768), "PNG"), "image/png"))

        assert near(found.getpixel((4, 4)), (128, 128, 128))

    def test_transparent_pixels_are_on_white(self) -> None:
        clear = Image.new("RGBA", (16, 16), (*RED, 0))

        assert near(seen(sanitise(saved(clear, "PNG"), "image/png")).getpixel((8, 8)), (255, 255, 255))

    @pytest.mark.parametrize("kind", TYPES)
    def test_location_and_device_are_removed(self, kind: str) -> None:
        image = picture(kind, 40, 20, exif=exif(), xmp=SECRET, icc_profile=SECRET)
        assert SECRET in image

        left = sanitise(image, TYPES[kind])
        assert SECRET not in left
        assert set(seen(left).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert dict(seen(left).getexif()) == {}

    def test_a_comment_is_removed(self) -> None:
        assert SECRET not in sanitise(picture("JPEG", 40, 20, comment=SECRET), "image/jpeg")

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
    def test_the_image_is_upright_for_every_orientation(
        self, orientation: int, size: tuple[int, int], red: tuple[int, int]
    ) -> None:
        found = seen(sanitise(picture("JPEG", 40, 20, exif=exif(orientation)), "image/jpeg"))

        assert found.size == size
        assert near(found.getpixel(red), RED)

    def test_bytes_after_the_end_are_removed(self) -> None:
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("run.js", SECRET)
        script = b"<html><script>alert(1)</script>" + SECRET
        for kind, content_type in TYPES.items():
            for behind in (zipped.getvalue(), script, pdf(SECRET)):
                left = sanitise(picture(kind, 40, 20) + behind, content_type)
                assert SECRET not in left
                assert not zipfile.is_zipfile(io.BytesIO(left))
                assert b"<script" not in left
                assert b"%PDF" not in left

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_only_the_first_frame_of_an_animation_is_left(self, kind: str) -> None:
        frames = [Image.new("RGB", (40, 20), colour) for colour in (RED, BLUE)]
        moving = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)

        assert near(seen(sanitise(moving, TYPES[kind])).getpixel((20, 10)), RED)

    def test_a_result_that_is_too_large_gets_a_lower_quality(self, monkeypatch: pytest.MonkeyPatch) -> None:
        noise = saved(Image.effect_noise((200, 200), 100), "PNG")
        fine = len(sanitise(noise, "image/png"))
        monkeypatch.setattr(image_sanitiser, "MAX_BYTES", fine - 1)
        assert len(sanitise(noise, "image/png")) < fine

        monkeypatch.setattr(image_sanitiser, "MAX_BYTES", 100)
        with pytest.raises(PictureTooLarge):
            sanitise(noise, "image/png")


class TestBombs:
    @pytest.mark.parametrize("side", [5_001, 6_400, 12_000, 50_000])
    def test_a_small_file_with_too_many_pixels_is_not_decoded(
        self, side: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert side * side > MAX_PIXELS
        monkeypatch.setattr(Image.Image, "load", _never)
        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", _never)

        with pytest.raises(PictureTooLarge):
            sanitise(png_bomb(side, side), "image/png")

    def test_the_largest_allowed_image_is_re_encoded(self) -> None:
        assert seen(sanitise(png_bomb(5_000, 5_000), "image/png")).size == (5_000, 5_000)

    def test_an_image_that_is_longer_than_a_jpeg_can_be_is_refused(self) -> None:
        assert seen(sanitise(png_bomb(1, MAX_SIDE), "image/png")).size == (1, MAX_SIDE)
        for size in ((MAX_SIDE + 1, 1), (1, MAX_SIDE + 1)):
            with pytest.raises(PictureTooLarge):
                sanitise(png_bomb(*size), "image/png")

    @pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
    def test_the_pixel_limit_holds_for_every_type(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(image_sanitiser, "MAX_PIXELS", 40 * 20 - 1)
        with pytest.raises(PictureTooLarge):
            sanitise(picture(kind, 40, 20), TYPES[kind])

    def test_a_compressed_comment_of_two_hundred_megabytes_is_not_decompressed(self) -> None:
        with pytest.raises(FileUnreadable):
            sanitise(png_with_text_bomb(200 * 1024), "image/png")

    def test_scans_are_counted_before_decoding(self) -> None:
        assert seen(sanitise(jpeg_of_many_scans(20), "image/jpeg")).size == (64, 64)
        with pytest.raises(PictureTooLarge):
            sanitise(jpeg_of_many_scans(MAX_SCANS + 1), "image/jpeg")


class TestDamage:
    @pytest.mark.parametrize("kind", TYPES)
    @pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
    def test_a_truncated_file_is_unreadable(self, kind: str, share: float) -> None:
        whole = picture(kind, 400, 300) if kind != "PNG" else saved(Image.effect_noise((80, 60), 90), kind)
        with pytest.raises(FileUnreadable):
            sanitise(whole[: int(len(whole) * share)], TYPES[kind])

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "PPM"])
    @pytest.mark.parametrize("said", TYPES)
    def test_only_the_decoder_of_the_declared_type_runs(self, kind: str, said: str) -> None:
        if kind == said:
            return
        with pytest.raises(FileUnreadable):
            sanitise(picture(kind, 16, 16), TYPES[said])

    def test_an_image_without_its_palette_is_unreadable(self) -> None:
        with pytest.raises(FileUnreadable):
            sanitise(png_without_palette(), "image/png")

    @pytest.mark.filterwarnings("ignore::UserWarning:PIL")
    @given(kind=st.sampled_from(sorted(TYPES)), data=st.data())
    @settings(max_examples=300)
    def test_a_file_with_damaged_bytes_is_re_encoded_or_refused(self, kind: str, data: st.DataObject) -> None:
        content = bytearray(picture(kind, 32, 24, exif=exif(6)))
        for _ in range(data.draw(st.integers(1, 6))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        try:
            left = sanitise(bytes(content), TYPES[kind])
        except Invalid:
            return
        assert seen(left).format == "JPEG"

    @given(content=st.binary(max_size=400), content_type=st.sampled_from(sorted(TYPES.values())))
    @settings(max_examples=100)
    def test_noise_is_refused(self, content: bytes, content_type: str) -> None:
        with pytest.raises(FileUnreadable):
            sanitise(content, content_type)


class TestPdf:
    def test_a_plain_pdf_stays_unchanged(self) -> None:
        plain = pdf(b"/Lang (en)", b"% JavaScript, /JavaScripts and Launch are words")
        assert sanitise(plain, "application/pdf") == plain

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
    def test_a_pdf_with_active_content_is_refused(self, line: bytes) -> None:
        with pytest.raises(ActiveContent):
            sanitise(pdf(line), "application/pdf")

    @pytest.mark.parametrize("content", [b"%PDF-1.7", pdf()[:-7], pdf() + bytes(2_000)], ids=len)
    def test_a_truncated_or_continued_pdf_is_unreadable(self, content: bytes) -> None:
        with pytest.raises(FileUnreadable):
            sanitise(content, "application/pdf")


async def test_images_are_re_encoded_one_at_a_time_without_blocking_the_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loops, drawing, most = threading.get_ident(), 0, 0
    started, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def draw(content: bytes, _: str) -> bytes:
        nonlocal drawing, most
        assert threading.get_ident() != loops
        drawing, most = drawing + 1, max(most, drawing + 1)
        loop.call_soon_threadsafe(started.set)
        assert go.wait(HANG_SECONDS)
        drawing -= 1
        return content

    monkeypatch.setattr(image_sanitiser, "sanitise", draw)
    sanitiser = PillowSanitiser()
    waiting = [asyncio.ensure_future(sanitiser.sanitise(bytes([n]), "image/png")) for n in range(3)]
    await asyncio.wait_for(started.wait(), HANG_SECONDS)
    waiting[0].cancel()
    go.set()
    assert await asyncio.gather(*waiting[1:]) == [b"\x01", b"\x02"]
    assert most == 1


def _never(*_: object) -> None:
    pytest.fail("a bomb was decoded")
