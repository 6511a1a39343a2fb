"""The rules about a user's preferences: name, language, diet, and the notifications that they allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from shared.kernel.errors import PreconditionFailed
from shared.profiles.domain import Diet, Language, Profile

T = TypeVar("T")

MAX_CUISINES = 20


class ProfileChanged(PreconditionFailed):
    """Your profile has changed since you read it; read it again."""

    code = "PROFILE_CHANGED"
    detail = "Your profile has changed since you read it; read it again."


class Topic(StrEnum):
    """The subject of a notification."""

    ORDERS = "orders"
    OFFERS = "offers"
    ACCOUNT = "account"
    PROMOTIONS = "promotions"


class Channel(StrEnum):
    """The way by which a notification arrives."""

    PUSH = "push"
    EMAIL = "email"
    SMS = "sms"


NotificationSettings = Mapping[Topic, Mapping[Channel, bool]]
"""Whether a topic may use a channel; a change leaves the topics that it does not mention as they are."""


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """The new values of an edit; None leaves a part as it is."""

    name: str | None = None
    language: Language | None = None
    dietary: tuple[Diet, ...] | None = None
    cuisines: tuple[str, ...] | None = None
    notifications: NotificationSettings | None = None


def edited(profile: Profile, changes: ProfileChanges, versions: frozenset[int] | None = None) -> Profile:
    """Return the profile after the changes, under its next version.

    `versions` are those that the user's app has read, None for any. Raises `ProfileChanged`.
    """
    if versions is not None and profile.version not in versions:
        raise ProfileChanged
    muted = profile.muted if changes.notifications is None else _muted(profile.muted, changes.notifications)
    return replace(  # mutant: phones-forgotten
        profile,
        name=profile.name if changes.name is None else changes.name,
        language=profile.language if changes.language is None else changes.language.value,
        dietary=profile.dietary if changes.dietary is None else _distinct(changes.dietary),
        cuisines=profile.cuisines if changes.cuisines is None else _distinct(changes.cuisines),
        muted=muted,
        version=profile.version + 1,
    )


def notification_settings(profile: Profile) -> dict[Topic, dict[Channel, bool]]:
    """Return, for every topic and channel, whether it is allowed; all are until the user turns one off."""
    return {
        topic: {channel: _key(topic, channel) not in profile.muted for channel in Channel} for topic in Topic
    }


def _muted(before: tuple[str, ...], changes: NotificationSettings) -> tuple[str, ...]:
    allowed = {
        _key(topic, channel): yes for topic, channels in changes.items() for channel, yes in channels.items()
    }
    muted = (set(before) - allowed.keys()) | {key for key, yes in allowed.items() if not yes}
    return tuple(sorted(muted))


def _key(topic: Topic, channel: Channel) -> str:
    return f"{topic.value}.{channel.value}"


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
