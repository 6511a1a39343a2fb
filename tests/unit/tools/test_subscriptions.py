"""An event function subscribes to the topics of the events that it handles, and to no others."""

from __future__ import annotations

from pathlib import Path

from tools.docs.subscriptions import main, rewritten, stale

MANIFEST = """summary = "Count"

[[events]]
topic = "reviews"

[[events]]
topic = "verification"

[deploy]
service_account = "catalogue-events"
"""


def test_every_function_subscribes_to_what_it_handles() -> None:
    assert stale() == {}
    assert main(["--check"]) == 0


def test_a_handler_whose_topic_the_manifest_does_not_name_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "functions" / "catalogue_events"
    folder.mkdir(parents=True)
    (folder / "function.toml").write_text(MANIFEST.replace('[[events]]\ntopic = "verification"\n\n', ""))

    assert stale(tmp_path) == {"catalogue_events": ["reviews", "verification"]}


def test_the_subscriptions_are_written_in_place_of_the_old_ones() -> None:
    written = rewritten(MANIFEST, ["orders", "reviews"])

    assert written == MANIFEST.replace('"reviews"', '"orders"').replace('"verification"', '"reviews"')
    assert rewritten(written, ["reviews"]).count("[[events]]") == 1
