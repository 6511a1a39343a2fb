"""Error codes are public: clients compare them, so none of them changes by accident."""

from __future__ import annotations

from tests.unit.edge.public_errors import FROZEN, error_classes, load_everything, public_codes


def test_the_public_codes_and_their_statuses_are_those_of_the_frozen_list() -> None:
    """`make docs` adds new codes. To rename or remove one, change the list, and name it in the CHANGELOG."""
    assert public_codes() == FROZEN.read_text().splitlines()


def test_every_error_writes_out_its_code_and_its_detail() -> None:
    load_everything()
    for cls in error_classes():
        assert "code" in vars(cls), cls
        assert vars(cls).get("detail"), cls
