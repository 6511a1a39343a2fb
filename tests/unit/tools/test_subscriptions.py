"""An event function subscribes to the events that it handles, and to no others."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from shared.manifest import MAX_FILTER, EventTrigger, load_all
from tools.docs.subscriptions import ROOT, main, rewritten, stale

MANIFEST = """summary = "Count"

[[events]]
topic = "reviews"
events = [
    "review_posted",
]

[[events]]
topic = "verification"

[deploy]
service_account = "catalogue-events"
"""


def test_every_function_subscribes_to_what_it_handles() -> None:
    assert stale() == {}
    assert main(["--check"]) == 0


@pytest.mark.parametrize("forgotten", ['[[events]]\ntopic = "verification"\n\n', '    "review_posted",\n'])
def test_a_handler_whose_event_the_manifest_does_not_name_is_found(tmp_path: Path, forgotten: str) -> None:
    folder = tmp_path / "functions" / "catalogue_events"
    folder.mkdir(parents=True)
    (folder / "function.toml").write_text(MANIFEST.replace(forgotten, ""))

    handled = {
        "reviews": ["review_posted"],
        "verification": ["document_approved", "document_expired", "document_rejected"],
    }
    assert stale(tmp_path) == {"catalogue_events": handled}


def test_the_subscriptions_are_written_in_place_of_the_old_ones() -> None:
    written = rewritten(MANIFEST, {"orders": ["order_ready"], "reviews": ["review_posted"]})

    assert written.count("[[events]]") == 2
    assert [(one.topic, one.events) for one in _triggers(written)] == [
        ("orders", ("order_ready",)),
        ("reviews", ("review_posted",)),
    ]
    assert _triggers(rewritten(written, {})) == []
    assert written.endswith(MANIFEST[MANIFEST.index("[deploy]") :])


def test_a_function_gets_the_events_of_its_manifest_and_those_of_publishers_before_it() -> None:
    trigger = EventTrigger(topic="orders", events=("order_ready", "order_cancelled"))

    assert trigger.filter == (
        'NOT attributes:event OR hasPrefix(attributes.event, "order_cancelled")'
        ' OR hasPrefix(attributes.event, "order_ready")'
    )
    assert trigger.passes({"event": "order_ready"})
    assert trigger.passes({"ce-type": "waybill.orders.order_placed.v1"})
    assert not trigger.passes({"event": "order_placed"})
    assert EventTrigger(topic="orders").passes({"event": "order_placed"})


def test_a_function_of_many_events_gets_those_that_begin_alike_too() -> None:
    trigger = EventTrigger(
        topic="orders", events=(*(f"order_cancelled_{n:02}" for n in range(20)), "tip_paid")
    )

    assert len(trigger.filter) <= MAX_FILTER
    assert all(trigger.passes({"event": name}) for name in trigger.events)
    assert trigger.passes({"event": "order_cancelled_0x"})
    assert not trigger.passes({"event": "order_placed"})


def test_every_function_gets_what_it_handles_by_a_filter_that_the_bus_takes() -> None:
    triggers = [trigger for manifest in load_all(ROOT).values() for trigger in manifest.events]

    assert all(0 < len(trigger.filter) <= MAX_FILTER for trigger in triggers)
    assert all(trigger.passes({"event": name}) for trigger in triggers for name in trigger.events)


def _triggers(text: str) -> list[EventTrigger]:
    return [EventTrigger(**block) for block in tomllib.loads(text).get("events", [])]
