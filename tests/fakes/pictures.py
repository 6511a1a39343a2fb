"""Pictures as people send them, and such as only the malicious do; all of them are made here."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(kind: str, width: int, height: int, mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture: its left half red, its right half blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return saved(image.convert(mode), kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return the file of an image."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def seen(content: bytes) -> Image.Image:
    """Return what a file shows."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def png_bomb(width: int, height: int) -> bytes:
    """Return a whole PNG of one bit per pixel and nothing but zeros: a few kilobytes, however large."""
    row = bytes(1 + -(-width // 8))
    deflate = zlib.compressobj(9)
    data = b"".join([deflate.compress(row) for _ in range(height)] + [deflate.flush()])
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def png_without_palette() -> bytes:
    """Return a PNG whose colours are numbers of a palette, without the palette."""
    whole = saved(Image.new("P", (8, 8)), "PNG")
    at = whole.index(b"PLTE") - 4
    return whole[:at] + whole[at + 12 + int.from_bytes(whole[at : at + 4], "big") :]


def png_with_text_bomb(kibibytes: int) -> bytes:
    """Return a small PNG whose comment unfolds to so much."""
    whole = picture("PNG", 8, 8)
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(kibibytes * 1024), 9))
    return whole[:33] + text + whole[33:]


def jpeg_of_many_scans(scans: int) -> bytes:
    """Return a progressive JPEG whose last pass over the pixels is there again and again."""
    whole = picture("JPEG", 64, 64, progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * scans + whole[-2:]


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def pdf(*lines: bytes) -> bytes:
    """Return a small PDF with these lines in its catalogue."""
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R\n" + b"\n".join(lines)
    return body + b"\n>>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n%%EOF\n"
