"""A person signs out on a device, which is to be silent from now on."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.domain import Account
from shared.profiles.devices import DevicesChanged, without_device
from shared.profiles.ports import ProfileStore


@dataclass(frozen=True, slots=True)
class RemoveDevice:
    """Whose device, and which."""

    uid: str
    device_id: str


async def remove_device(command: RemoveDevice, *, accounts: ProfileStore) -> None:
    """Forget the device. Raises `DeviceNotFound` when the person has none of this id."""

    def decide(stored: Account | None) -> DevicesChanged:
        return without_device(stored, command.device_id)

    await accounts.change_devices(command.uid, command.device_id, decide)
