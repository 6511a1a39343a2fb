"""The references to images: a web address, or a path in our object store."""

from __future__ import annotations

import re

NO_IMAGE = "An image is an https address, or the path of a file in our storage."

_ON_THE_WEB = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d{1,5})?/[!-~]*")
_STORED = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-][A-Za-z0-9_.-]*){1,6}")


def is_image(text: str) -> bool:
    """Return whether a text has the form of an image reference. It does not check that the image exists."""
    return bool(_ON_THE_WEB.fullmatch(text) or _STORED.fullmatch(text))
