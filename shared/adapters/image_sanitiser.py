"""`ImageSanitiser` with Pillow: re-encode images, search PDFs for active content.

Only the first frame of an image is left, upright and on white: no EXIF data with a location, no colour
profile, no comment, no hidden layer, and no bytes after its end. The result is a JPEG that this module
wrote, so a reviewer opens none of the uploaded bytes.

Limits: a file has at most `MAX_BYTES` before it gets here; the header gives the number of pixels before any
is decoded; and one worker thread re-encodes one image at a time, even if its caller has stopped waiting.
"""

from __future__ import annotations

import asyncio
import io
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from shared.verification.files import MAX_BYTES, PDF, FileUnreadable, PictureTooLarge, check_no_active_content

FORMATS = {
    "image/jpeg": JpegImagePlugin.JpegImageFile.format,
    "image/png": PngImagePlugin.PngImageFile.format,
    "image/webp": WebPImagePlugin.WebPImageFile.format,
}
MAX_PIXELS = 25_000_000
"""A phone's photo has 12 or 24 million. Decoding 25 million takes 75 MB, and three times that for a
progressive JPEG."""

MAX_SIDE = 65_500
"""No JPEG can be longer or wider."""

MAX_SCANS = 100
"""The limit of scans in a JPEG, those of its previews included; a usual one has a dozen at most."""

QUALITIES = (90, 75, 50)
"""JPEG qualities; the next one is tried if the result exceeds `MAX_BYTES`."""

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
"""The transposition for each EXIF orientation."""

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
"""What the decoders raise for damaged files."""

# For the whole process, because filters of one call are not thread-safe. Warnings about damaged metadata are
# ignored; the warning about a decompression bomb is an error.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class PillowSanitiser:
    """`ImageSanitiser` in one worker thread."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="image-sanitiser")

    async def sanitise(self, content: bytes, content_type: str) -> bytes:
        """See `ImageSanitiser.sanitise`; runs in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, sanitise, content, content_type)


def sanitise(content: bytes, content_type: str) -> bytes:
    """Return an image re-encoded as JPEG, or a checked PDF unchanged.

    Raises `FileUnreadable`, `PictureTooLarge` or `ActiveContent`.
    """
    if content_type == PDF:
        check_no_active_content(content)
        return content
    return _jpeg(_decoded(content, FORMATS[content_type]))


def _decoded(content: bytes, format_: str) -> Image.Image:
    """Return the decoded first frame, without metadata."""
    if format_ == JpegImagePlugin.JpegImageFile.format and content.count(b"\xff\xda") > MAX_SCANS:
        raise PictureTooLarge
    try:
        with Image.open(io.BytesIO(content), formats=(format_,)) as image:
            if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
                raise PictureTooLarge
            image.load()
            turn = _UPRIGHT.get(_orientation(image))
            flat = _on_white(image)
            return flat.transpose(turn) if turn is not None else flat
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge from error
    except _DAMAGED as error:
        raise FileUnreadable from error


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; 1 (upright) if the EXIF data is unreadable."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except _DAMAGED:
        return 1


def _on_white(image: Image.Image) -> Image.Image:
    """Return the image as RGB on white; Pillow would clip 16-bit greys instead of scaling them."""
    if image.mode.startswith("I;16"):
        image = image.point(lambda grey: grey / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer)
    return white


def _jpeg(image: Image.Image) -> bytes:
    image.info.clear()
    for quality in QUALITIES:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        if out.tell() <= MAX_BYTES:
            return out.getvalue()
    raise PictureTooLarge
