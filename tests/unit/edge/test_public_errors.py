"""Error codes are public: clients compare them, so none of them changes by accident."""

from __future__ import annotations

from pathlib import Path

from tests.unit.edge.public_errors import error_classes, load_everything, public_codes

FROZEN = Path(__file__).with_name("public_error_codes.txt")


def test_the_public_codes_and_their_statuses_are_those_of_the_frozen_list() -> None:
    """To add, rename or remove a code on purpose, change the list too, and name it in the CHANGELOG."""
    assert public_codes() == FROZEN.read_text().splitlines()


def test_every_error_writes_out_its_code_and_its_detail() -> None:
    load_everything()
    for cls in error_classes():
        assert "code" in vars(cls), cls
        assert vars(cls).get("detail"), cls
