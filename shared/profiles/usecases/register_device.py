"""A phone or browser registers for push notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.access import AccountStatus, demand_session
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.device import Platform, device_id
from shared.profiles.devices import Device, DeviceChange, with_device
from shared.profiles.domain import Profile, profile_of
from shared.profiles.ports import DeviceStore


@dataclass(frozen=True, slots=True)
class RegisterDevice:
    """The device's owner, its push token and its platform."""

    person: Principal
    token: str
    platform: Platform


async def register_device(command: RegisterDevice, *, devices: DeviceStore, now: datetime) -> Device:
    """Store the device and return it; the same token again is the same device, registered now.

    The commit checks that the sign-in has not ended: a phone that is signed out at the same moment would get
    pushes for ever. Raises `AccountDisabled` or `SessionRevoked`.
    """
    person = command.person
    device = Device(device_id(command.token), command.token, command.platform, now)

    def decide(stored: Profile | None, status: AccountStatus) -> Decision[DeviceChange, Device]:
        demand_session(status, person)
        return with_device(profile_of(person, stored), device, person.session_id)

    return await devices.register(person, device.id, decide)
