"""A user removes a device, which gets no more push notifications."""

from __future__ import annotations

from dataclasses import dataclass

from shared.profiles.devices import without_device
from shared.profiles.ports import DeviceStore


@dataclass(frozen=True, slots=True)
class RemoveDevice:
    """The device, and its owner."""

    uid: str
    device_id: str


async def remove_device(command: RemoveDevice, *, devices: DeviceStore) -> None:
    """Delete the device. Raises `DeviceNotFound` when the user has no device with this id."""
    removed = command.device_id
    await devices.remove(command.uid, removed, lambda profile: without_device(profile, removed))
