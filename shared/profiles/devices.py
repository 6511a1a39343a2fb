"""The rules about the devices that get push notifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.kernel.decision import Decision
from shared.kernel.device import Platform, device_id
from shared.kernel.errors import NotFound
from shared.profiles.domain import Profile

MAX_DEVICES = 10


class DeviceNotFound(NotFound):
    """You have no such device."""

    code = "DEVICE_NOT_FOUND"
    detail = "You have no such device."


@dataclass(frozen=True, slots=True)
class Device:
    """A phone or browser that can get push notifications."""

    id: str
    token: str = field(repr=False)
    platform: Platform
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """A profile after its devices changed: the device to store, and the ids of those to delete."""

    profile: Profile
    added: Device | None = None
    removed: tuple[str, ...] = ()


def with_device(profile: Profile, device: Device, session_id: str = "") -> Decision[DeviceChange, Device]:
    """Return the profile with the device as the latest registered one, in its session where one is named.

    Beyond ten devices, the one that was registered longest ago is removed.
    """
    tokens = (*(token for token in profile.push_tokens if token != device.token), device.token)
    removed = tuple(device_id(token) for token in tokens[:-MAX_DEVICES])  # mutant: device-kept
    changed = replace(profile, push_tokens=tokens[-MAX_DEVICES:])  # mutant: no-device-cap
    sessions = {**profile.device_sessions, device.id: session_id}
    left = {id_: sessions[id_] for id_ in map(device_id, changed.push_tokens) if sessions.get(id_)}
    change = DeviceChange(replace(changed, device_sessions=left), device, removed)
    return Decision(change, (), device)


def without_device(profile: Profile | None, removed: str) -> Decision[DeviceChange, None]:
    """Return the profile without the device of this id. Raises `DeviceNotFound`."""
    if profile is None or removed not in map(device_id, profile.push_tokens):
        raise DeviceNotFound
    return Decision(without_devices(profile, [removed]), (), None)


def without_session(profile: Profile, session_id: str) -> DeviceChange:
    """Return the profile without the devices that were registered in this session."""
    return without_devices(
        profile, [id_ for id_, known in profile.device_sessions.items() if known == session_id]
    )


def without_all(profile: Profile) -> DeviceChange:
    """Return the profile without any device."""
    return without_devices(profile, list(map(device_id, profile.push_tokens)))


def without_devices(profile: Profile, removed: Sequence[str]) -> DeviceChange:
    """Return the profile without the tokens of these devices, whether it had them or not."""
    left = tuple(token for token in profile.push_tokens if device_id(token) not in removed)
    sessions = {id_: session for id_, session in profile.device_sessions.items() if id_ not in removed}
    return DeviceChange(replace(profile, push_tokens=left, device_sessions=sessions), removed=tuple(removed))
