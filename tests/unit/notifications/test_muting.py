"""Muted topics stay in the inbox without a push; some notifications cannot be muted."""

from __future__ import annotations

from collections import Counter

import pytest

from shared.kernel.errors import Unavailable
from shared.kernel.event import Event
from shared.notifications.kinds import TemplateKey
from shared.notifications.topics import PUSH, TOPICS, Topic
from shared.profiles import preferences
from shared.profiles.domain import Profile
from shared.profiles.preferences import Channel, ProfileChanges, edited
from shared.verification.events import DocumentApproved, DocumentExpired, DocumentExpiring, DocumentRejected
from tests.unit.notifications import events
from tests.unit.notifications.events import COOK, CUSTOMER, DRIVER
from tests.unit.notifications.world import World

pytestmark = pytest.mark.mission("A3", "I1")

EVERYTHING = [f"{topic}.{PUSH}" for topic in preferences.Topic]


def test_every_template_key_has_a_topic_or_cannot_be_muted() -> None:
    assert set(TOPICS) == set(TemplateKey)
    assert {topic.value for topic in Topic} <= {topic.value for topic in preferences.Topic}
    assert Channel.PUSH.value == PUSH


@pytest.mark.parametrize(
    ("event", "uid", "topic"),
    [
        (events.placed(), CUSTOMER, "orders"),
        (events.captured(), CUSTOMER, "orders"),
        (events.captured(later=True), CUSTOMER, "orders"),
        (events.captured(later=True), COOK, "orders"),
        (events.confirmed_ahead(), CUSTOMER, "orders"),
        (events.delivered(), DRIVER, "orders"),
        (events.offer_made(), DRIVER, "offers"),
        (events.document(DocumentApproved), DRIVER, "account"),
        (events.document(DocumentExpiring), DRIVER, "account"),
    ],
)
async def test_a_muted_topic_is_not_pushed_but_is_in_the_inbox(
    world: World, event: Event, uid: str, topic: str
) -> None:
    world.person(uid, "phone", muted=[f"{topic}.push"])
    await world.handle(event)

    assert world.push.titles("phone") == []
    assert len(world.inbox(uid)) == 1


@pytest.mark.parametrize(
    ("event", "uid"),
    [
        (events.captured(), COOK),
        (events.activated(), COOK),
        (events.activated(confirmed=True), COOK),
        (events.returning(), COOK),
        (events.reassigned("make_again"), COOK),
        (events.reassigned("pack_again"), COOK),
        (events.occurrence_placed(), CUSTOMER),
        (events.occurrence_skipped(), CUSTOMER),
        (events.recurrence_stopped(), CUSTOMER),
        (events.captured(order_cancelled=True), CUSTOMER),
        (events.refunded(), CUSTOMER),
        (events.cancelled(), CUSTOMER),
        (events.cancelled(), DRIVER),
        (events.delivery_failed(), CUSTOMER),
        (events.proposed(), CUSTOMER),
        (events.set_offline(), DRIVER),
        (events.document(DocumentRejected), DRIVER),
        (events.document(DocumentExpired), DRIVER),
    ],
)
async def test_what_cannot_be_muted_is_pushed_though_everything_is_muted(
    world: World, event: Event, uid: str
) -> None:
    world.person(uid, "phone", muted=EVERYTHING)
    await world.handle(event)

    assert len(world.push.titles("phone")) == 1


def test_a_factor_that_was_reset_can_not_be_muted() -> None:
    assert TOPICS[TemplateKey.SECOND_FACTOR_RESET] is None


@pytest.mark.parametrize("muted", [["orders.email", "orders.sms"], ["offers.push"], ["orders"], []])
async def test_other_topics_and_channels_do_not_count(world: World, muted: list[str]) -> None:
    world.person(CUSTOMER, "phone", muted=muted)
    await world.handle(events.placed())

    assert len(world.push.titles("phone")) == 1


async def test_the_stored_names_of_a_profile_are_those_that_are_compared(world: World) -> None:
    wishes = {preferences.Topic.ORDERS: {Channel.PUSH: False}}
    account = edited(Profile(CUSTOMER), ProfileChanges(notifications=wishes))
    world.person(CUSTOMER, "phone", muted=account.muted)
    await world.handle(events.placed())

    assert (world.push.titles("phone"), len(world.inbox(CUSTOMER))) == ([], 1)


async def test_the_muted_topics_of_one_user_do_not_affect_another(world: World) -> None:
    world.person(CUSTOMER, "phone", muted=EVERYTHING)
    await world.handle(events.captured())

    assert world.push.titles("phone") == []
    assert len(world.push.titles("cook-phone")) == 1


async def test_muted_topics_are_read_with_the_tokens_and_a_muted_push_is_not_marked(world: World) -> None:
    reads: Counter[str] = Counter()
    get_all = world.database.get_all

    async def counting(paths: list[str]) -> object:
        reads.update(paths)
        return await get_all(paths)

    world.database.get_all = counting  # type: ignore[assignment,method-assign]
    world.person(CUSTOMER, "phone", muted=EVERYTHING)
    await world.handle(events.placed())

    assert reads == {f"users/{CUSTOMER}": 1, "config/copies": 1}
    assert len(world.database.commits) == 1


async def test_a_topic_that_was_muted_before_the_retry_is_not_pushed(world: World) -> None:
    world.person(CUSTOMER, "phone")
    world.push.failing["phone"] = 1
    with pytest.raises(Unavailable):
        await world.handle(events.placed())
    world.person(CUSTOMER, "phone", muted=EVERYTHING)
    await world.handle(events.placed())

    assert world.push.titles("phone") == []
    assert world.inbox(CUSTOMER) == ["order_placed.customer"]
