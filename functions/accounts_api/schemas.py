"""Requests and responses of `accounts_api`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.accounts.domain import (
    MAX_STARS,
    Account,
    Device,
    Language,
    Platform,
    Principal,
    Review,
    Side,
    known_roles,
)
from shared.edge.schemas import Id, RequestModel, ResponseModel, ShortText, Text
from shared.kernel.actor import Role

PushToken = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,1024}$")]
"""A token as Firebase Cloud Messaging hands it out: visible ASCII."""


class ProfileRequest(RequestModel):
    """How to be called, and in which language."""

    name: ShortText
    language: Annotated[Language, Field(strict=False)] = Language.ENGLISH


class DeviceRequest(RequestModel):
    """A device that wants to be notified."""

    token: PushToken
    platform: Annotated[Platform, Field(strict=False)]


class ReviewRequest(RequestModel):
    """What you think of the driver who brought an order."""

    order_id: Id
    stars: Annotated[int, Field(ge=1, le=MAX_STARS)]
    comment: Text = ""


class MeView(ResponseModel):
    """You, as Waybill knows you."""

    uid: str
    name: str
    email: str
    email_verified: bool
    phone: str
    phone_verified: bool
    roles: list[Role]
    language: str

    @classmethod
    def of(cls, person: Principal, account: Account) -> MeView:
        """Return the view of a signed-in person and their account."""
        return cls(
            uid=account.uid,
            name=account.name,
            email=account.email,
            email_verified=person.email_verified,
            phone=account.phone,
            phone_verified=bool(person.phone),
            roles=sorted(known_roles(account.roles)),
            language=account.language,
        )


class DeviceView(ResponseModel):
    """A device; its token is not shown again."""

    id: str
    platform: Platform
    seen_at: datetime

    @classmethod
    def of(cls, device: Device) -> DeviceView:
        """Return the view of a device."""
        return cls.model_validate(device)


class NotificationView(ResponseModel):
    """What you were told."""

    id: str
    template: str
    title: str
    body: str
    order_id: str
    at: datetime
    read: bool


class NotificationPage(ResponseModel):
    """Some notifications, newest first; an empty `next_page_token` ends the list."""

    notifications: list[NotificationView]
    next_page_token: str


class ReviewView(ResponseModel):
    """A review."""

    id: str
    order_id: str
    subject_id: str
    side: Side
    stars: int
    comment: str
    at: datetime

    @classmethod
    def of(cls, review: Review) -> ReviewView:
        """Return the view of a review."""
        return cls.model_validate(review)
