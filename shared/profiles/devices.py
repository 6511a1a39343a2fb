"""The rules about the devices on which people are notified."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.accounts.domain import Account, released
from shared.kernel.device import Platform, device_id
from shared.kernel.errors import NotFound

MAX_DEVICES = 10


class DeviceNotFound(NotFound):
    """You have no such device."""

    code = "DEVICE_NOT_FOUND"
    detail = "You have no such device."


@dataclass(frozen=True, slots=True)
class Device:
    """A phone or browser that can be pushed to."""

    id: str
    token: str = field(repr=False)
    platform: Platform
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """An account after one of its devices came or went: whom to store and which device ids to forget."""

    account: Account
    added: Device | None = None
    dropped: tuple[str, ...] = ()


def with_device(account: Account, device: Device, session_id: str = "") -> DevicesChanged:
    """Return the account with the device as the one seen last; beyond ten, those seen longest ago go.

    It goes with its session, where that is named.
    """
    tokens = (*(token for token in account.push_tokens if token != device.token), device.token)
    dropped = tuple(device_id(token) for token in tokens[:-MAX_DEVICES])  # mutant: device-kept
    changed = replace(account, push_tokens=tokens[-MAX_DEVICES:])  # mutant: no-device-cap
    sessions = {**account.device_sessions, device.id: session_id}
    left = {id_: sessions[id_] for id_ in map(device_id, changed.push_tokens) if sessions.get(id_)}
    return DevicesChanged(replace(changed, device_sessions=left), device, dropped)


def without_device(account: Account | None, gone: str) -> DevicesChanged:
    """Return the account without the device of id `gone`. Raises `DeviceNotFound`."""
    if account is None or gone not in map(device_id, account.push_tokens):
        raise DeviceNotFound
    return DevicesChanged(released(account, gone), dropped=(gone,))
