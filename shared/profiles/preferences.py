"""What a person wishes: how to be called and in which language, what they eat, and what may disturb them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from shared.accounts.domain import Account, Diet, Language
from shared.kernel.errors import PreconditionFailed

T = TypeVar("T")

MAX_CUISINES = 20


class ProfileChanged(PreconditionFailed):
    """Your profile has changed since you read it; read it again."""

    code = "PROFILE_CHANGED"
    detail = "Your profile has changed since you read it; read it again."


class Topic(StrEnum):
    """What a notification is about."""

    ORDERS = "orders"
    OFFERS = "offers"
    ACCOUNT = "account"
    PROMOTIONS = "promotions"


class Channel(StrEnum):
    """How a notification arrives."""

    PUSH = "push"
    EMAIL = "email"
    SMS = "sms"


Wishes = Mapping[Topic, Mapping[Channel, bool]]
"""Whether a topic may come by a channel; what is not mentioned stays as it is."""


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """What shall be otherwise; None leaves a part as it is."""

    name: str | None = None
    language: Language | None = None
    dietary: tuple[Diet, ...] | None = None
    cuisines: tuple[str, ...] | None = None
    notifications: Wishes | None = None


def edited(account: Account, changes: ProfileChanges, versions: frozenset[int] | None = None) -> Account:
    """Return the account after the changes, under its next version.

    `versions` are those that the person has seen, None if they do not mind. Raises `ProfileChanged`.
    """
    if versions is not None and account.version not in versions:
        raise ProfileChanged
    muted = account.muted if changes.notifications is None else _muted(account.muted, changes.notifications)
    return replace(  # mutant: phones-forgotten
        account,
        name=account.name if changes.name is None else changes.name,
        language=account.language if changes.language is None else changes.language.value,
        dietary=account.dietary if changes.dietary is None else _distinct(changes.dietary),
        cuisines=account.cuisines if changes.cuisines is None else _distinct(changes.cuisines),
        muted=muted,
        version=account.version + 1,
    )


def wishes(account: Account) -> dict[Topic, dict[Channel, bool]]:
    """Return, for every topic and channel, whether it may disturb the person; all may until they say no."""
    return {
        topic: {channel: _key(topic, channel) not in account.muted for channel in Channel} for topic in Topic
    }


def _muted(before: tuple[str, ...], asked: Wishes) -> tuple[str, ...]:
    told = {
        _key(topic, channel): yes for topic, channels in asked.items() for channel, yes in channels.items()
    }
    silent = (set(before) - told.keys()) | {key for key, yes in told.items() if not yes}
    return tuple(sorted(silent))


def _key(topic: Topic, channel: Channel) -> str:
    return f"{topic.value}.{channel.value}"


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
