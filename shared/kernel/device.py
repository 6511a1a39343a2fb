"""The devices that people use Waybill on."""

from __future__ import annotations

import hashlib
from enum import StrEnum


class Platform(StrEnum):
    """The operating system of a device, or the web."""

    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


def device_id(token: str) -> str:
    """Return the id of the device that a push token belongs to: the token cannot be read from it."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]
