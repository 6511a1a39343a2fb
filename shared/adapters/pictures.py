"""`Cleaner`: pictures are drawn anew with Pillow, PDFs are looked through.

Of a picture nothing is left but its first frame, upright and on white: no EXIF with the place where it
was taken, no colour profile, no comment, no hidden layer, and nothing that was put behind its end. What
is kept is a JPEG that was written here, so whoever reviews it opens none of the bytes that were sent.

Bounds: a file is `MAX_BYTES` at most before it comes here; its header says how many pixels it has before
any is decoded; and one worker draws one picture at a time, whoever has stopped waiting for it.
"""

from __future__ import annotations

import asyncio
import io
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from shared.verification.files import MAX_BYTES, PDF, FileUnreadable, PictureTooLarge, demand_passive

FORMATS = {
    "image/jpeg": JpegImagePlugin.JpegImageFile.format,
    "image/png": PngImagePlugin.PngImageFile.format,
    "image/webp": WebPImagePlugin.WebPImageFile.format,
}
MAX_PIXELS = 25_000_000
"""A phone's photo has 12 or 24 million; 25 million take 75 MB to draw, and three times that while a
progressive JPEG is read."""

MAX_SIDE = 65_500
"""What is kept is a JPEG, and none is longer or broader."""

MAX_SCANS = 100
"""Passes over the pixels in a JPEG, those of its previews included; a usual one has a dozen at most."""

QUALITIES = (90, 75, 50)
"""The next one is taken where a picture comes out larger than a file may be."""

ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How to turn a picture by its EXIF orientation."""

_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    AssertionError,
    LookupError,
    TypeError,
    AttributeError,
    NotImplementedError,
    struct.error,
    zlib.error,
)
"""What the decoders raise for bytes that make no sense."""

# For the whole process: filters that are set for one call are not safe among threads. What Pillow has to
# say about damaged metadata is of no interest; that a picture is too large for it is an error.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class PictureCleaner:
    """See `Cleaner`."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")

    async def clean(self, content: bytes, content_type: str) -> bytes:
        """See `Cleaner.clean`; the event loop goes on meanwhile."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, cleaned, content, content_type)


def cleaned(content: bytes, content_type: str) -> bytes:
    """Return a picture drawn anew, or a PDF as it is.

    Raises `FileUnreadable`, `PictureTooLarge` or `ActiveContent`.
    """
    if content_type == PDF:
        demand_passive(content)
        return content
    return _written(_picture(content, FORMATS[content_type]))


def _picture(content: bytes, format_: str) -> Image.Image:
    """Return what is to be seen, without anything that the file says beside it."""
    if format_ == JpegImagePlugin.JpegImageFile.format and content.count(b"\xff\xda") > MAX_SCANS:
        raise PictureTooLarge
    try:
        with Image.open(io.BytesIO(content), formats=(format_,)) as image:
            if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
                raise PictureTooLarge
            image.load()
            turn = _UPRIGHT.get(_orientation(image))
            seen = _on_white(image)
            return seen.transpose(turn) if turn is not None else seen
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge from error
    except _DAMAGED as error:
        raise FileUnreadable from error


def _orientation(image: Image.Image) -> int:
    """Return how the camera was held; a picture whose EXIF cannot be read stays as it is."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except _DAMAGED:
        return 1


def _on_white(image: Image.Image) -> Image.Image:
    """Return the picture as RGB; Pillow would cut 16-bit greys off instead of scaling them."""
    if image.mode.startswith("I;16"):
        image = image.point(lambda grey: grey / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer)
    return white


def _written(picture: Image.Image) -> bytes:
    picture.info.clear()
    for quality in QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= MAX_BYTES:
            return out.getvalue()
    raise PictureTooLarge
