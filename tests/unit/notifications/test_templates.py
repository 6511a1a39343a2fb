"""The words: complete in every language, and composed from nothing but what they name."""

from __future__ import annotations

import string
from datetime import UTC, datetime

import pytest

from shared.kernel.money import Money
from shared.notifications.domain import (
    NotificationRequest,
    Recipient,
    compose,
    notification_id,
    notifies_staff,
    recipients,
)
from shared.notifications.kinds import Audience, TemplateKey
from shared.notifications.templates import TEXTS
from shared.profiles.domain import Language

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _request(template_key: TemplateKey, **changes: object) -> NotificationRequest:
    base: dict[str, object] = {
        "event_id": "evt_1",
        "template_key": template_key,
        "at": NOW,
        "order_id": "ord_1",
    }
    return NotificationRequest(**{**base, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("template_key", "audience"), list(TEXTS))
@pytest.mark.parametrize("language", [language.value for language in Language])
def test_every_text_exists_in_every_language_that_a_profile_can_name(
    template_key: TemplateKey, audience: Audience, language: str
) -> None:
    request = _request(template_key, amount=Money(27_700), merchant_name="Dosa Corner")

    note = compose(request, Recipient("asha", audience), language)

    assert language in TEXTS[template_key, audience]
    assert note.title
    assert note.body
    assert "{" not in note.title + note.body


@pytest.mark.parametrize(("template_key", "audience"), list(TEXTS))
def test_all_languages_of_a_text_name_the_same_facts(template_key: TemplateKey, audience: Audience) -> None:
    facts = {
        language: {name for part in text for _, name, _, _ in string.Formatter().parse(part) if name}
        for language, text in TEXTS[template_key, audience].items()
    }
    assert len({frozenset(names) for names in facts.values()}) == 1
    assert facts["en"] <= {"amount", "merchant_name", "reason", "when", "until"}


def test_every_template_key_has_an_audience() -> None:
    assert {template_key for template_key, _ in TEXTS} == set(TemplateKey)


def test_a_role_without_a_text_is_not_notified() -> None:
    request = _request(TemplateKey.ORDER_CONFIRMED, customer_id="asha", driver_id="dev", merchant_id="mer_1")

    assert not notifies_staff(request)
    assert recipients(request, ["cook"]) == (Recipient("asha", Audience.CUSTOMER),)


def test_the_id_of_a_notification_is_the_same_each_time_and_another_for_each_person_and_event() -> None:
    ids = {notification_id(event, uid) for event in ("evt_1", "evt_2") for uid in ("asha", "dev")}

    assert len(ids) == 4
    assert notification_id("evt_1", "asha") in ids
    assert all(len(id_.encode()) <= 64 for id_ in ids), "the longest apns-collapse-id"
