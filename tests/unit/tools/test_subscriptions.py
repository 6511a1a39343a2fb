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
        'NOT attributes:event OR attributes.event="order_ready" OR attributes.event="order_cancelled"'
    )
    assert trigger.passes({"event": "order_ready"})
    assert trigger.passes({"ce-type": "waybill.orders.order_placed.v1"})
    assert not trigger.passes({"event": "order_placed"})


def test_a_function_of_many_events_gets_all_of_the_topic() -> None:
    trigger = EventTrigger(topic="orders", events=tuple(f"order_{n}" for n in range(20)))

    assert trigger.filter == ""
    assert trigger.passes({"event": "order_placed"})


def test_every_filter_of_a_function_is_one_that_the_bus_takes() -> None:
    filters = {
        f"{name} {trigger.topic}": trigger.filter
        for name, manifest in load_all(ROOT).items()
        for trigger in manifest.events
    }

    assert all(len(text) <= MAX_FILTER for text in filters.values())
    assert {name for name, text in filters.items() if not text} == {
        "notifications_events orders",
        "notifications_events dispatch",
    }


def _triggers(text: str) -> list[EventTrigger]:
    return [EventTrigger(**block) for block in tomllib.loads(text).get("events", [])]
