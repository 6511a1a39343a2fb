"""Requests and responses of `profiles_api`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import WRITTEN, Name
from shared.identity.domain import Account
from shared.kernel.actor import Principal, Role, known_roles
from shared.kernel.device import Platform
from shared.profiles.devices import Device
from shared.profiles.domain import Diet, Language, Profile
from shared.profiles.preferences import MAX_CUISINES, Channel, ProfileChanges, Topic, notification_settings

PushToken = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,1024}$"), WRITTEN]
"""A token of Firebase Cloud Messaging: visible ASCII."""


NotificationSettings = dict[
    Annotated[Topic, Field(strict=False)], dict[Annotated[Channel, Field(strict=False)], bool]
]
"""Whether a topic may use a channel."""


class ProfileRequest(RequestModel):
    """The changes of your profile; a field that you do not send stays as it is.

    A topic that you turn off in `notifications` sends no push; its notifications still arrive in your inbox.
    Some are pushed in any case: cancellations, failed deliveries, refunds, paid orders that wait for your
    shop, and changes of who may work or sign in.
    """

    name: Name = Field(default_factory=str)
    language: Annotated[Language, Field(strict=False)] = Field(default_factory=lambda: Language.ENGLISH)
    dietary: Annotated[list[Annotated[Diet, Field(strict=False)]], Field(max_length=len(Diet))] = Field(
        default_factory=list
    )
    cuisines: Annotated[list[Name], Field(max_length=MAX_CUISINES)] = Field(default_factory=list)
    notifications: NotificationSettings = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self) -> ProfileRequest:
        if not self.model_fields_set:
            raise ValueError("send at least one field")
        return self

    def changes(self) -> ProfileChanges:
        """Return the fields that were sent."""
        sent = self.model_fields_set
        return ProfileChanges(
            name=self.name if "name" in sent else None,
            language=self.language if "language" in sent else None,
            dietary=tuple(self.dietary) if "dietary" in sent else None,
            cuisines=tuple(self.cuisines) if "cuisines" in sent else None,
            notifications=self.notifications if "notifications" in sent else None,
        )


class DeviceRequest(RequestModel):
    """A device that registers for push notifications."""

    token: PushToken
    platform: Annotated[Platform, Field(strict=False)]


class MeView(ResponseModel):
    """Your profile, roles and sign-in methods."""

    uid: str
    name: str
    email: str
    email_verified: bool
    phone: str
    phone_verified: bool
    roles: list[Role]
    language: str
    dietary: list[Diet]
    cuisines: list[str]
    notifications: dict[Topic, dict[Channel, bool]]
    second_factor: bool
    sign_in_provider: str
    providers: list[str]

    @classmethod
    def of(cls, person: Principal, account: Account, profile: Profile) -> MeView:
        """Return the view of a signed-in user, their account and their profile."""
        return cls(
            uid=profile.uid,
            name=profile.name,
            email=person.email,
            email_verified=person.email_verified,
            phone=person.phone,
            phone_verified=bool(person.phone),
            roles=sorted(known_roles(account.roles)),
            language=profile.language,
            dietary=list(profile.dietary),
            cuisines=list(profile.cuisines),
            notifications=notification_settings(profile),
            second_factor=account.second_factor,
            sign_in_provider=person.provider,
            providers=list(person.providers),
        )


class DeviceView(ResponseModel):
    """A registered device; the API does not return its token."""

    id: str
    platform: Platform
    seen_at: datetime

    @classmethod
    def of(cls, device: Device) -> DeviceView:
        """Return the view of a device."""
        return cls.model_validate(device)


class NotificationView(ResponseModel):
    """A notification."""

    id: str
    template: str
    title: str
    body: str
    order_id: str
    at: datetime
    read: bool


class NotificationPage(ResponseModel):
    """Some notifications, newest first; an empty `next_page_token` ends the list.

    `unread` counts those that are not read, on all pages, up to 1,000.
    """

    notifications: list[NotificationView]
    next_page_token: str
    unread: int


class MarkedReadView(ResponseModel):
    """How many notifications were marked as read."""

    marked: int
