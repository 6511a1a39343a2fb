"""A phone or browser asks to be notified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.accounts.domain import Account, account_of, status_of
from shared.kernel.access import demand_session
from shared.kernel.actor import Principal
from shared.kernel.device import Platform, device_id
from shared.profiles.devices import Device, DevicesChanged, with_device
from shared.profiles.ports import ProfileStore


@dataclass(frozen=True, slots=True)
class RegisterDevice:
    """Whose device it is, and how it is reached."""

    person: Principal
    token: str
    platform: Platform


async def register_device(command: RegisterDevice, *, accounts: ProfileStore, now: datetime) -> Device:
    """Store the device and return it; the same token again is the same device, seen now.

    Whether the sign-in stands is asked in the very commit: a phone that is signed out meanwhile would ring
    on. Raises `AccountDisabled` or `SessionRevoked`.
    """
    device = Device(device_id(command.token), command.token, command.platform, now)

    def decide(stored: Account | None) -> DevicesChanged:
        demand_session(status_of(stored), command.person)
        return with_device(account_of(command.person, stored), device, command.person.session_id)

    await accounts.change_devices(command.person.uid, device.id, decide)
    return device
