"""Error codes are public: clients compare them, so none of them changes by accident."""

from __future__ import annotations

from pathlib import Path

from shared.kernel.errors import NotFound
from tests.unit.edge.public_errors import FROZEN, error_classes, load_everything, public_codes

ROOT = Path(__file__).parents[3]


def test_the_public_codes_and_their_statuses_are_those_of_the_frozen_list() -> None:
    """`make docs` adds new codes. To rename or remove one, change the list, and name it in the CHANGELOG."""
    assert public_codes() == FROZEN.read_text().splitlines()


def test_fault_16_every_error_writes_out_its_code_and_its_detail() -> None:
    load_everything()
    for cls in error_classes():
        assert "code" in vars(cls), cls
        assert vars(cls).get("detail"), cls


def test_fault_16_a_renamed_error_without_a_docstring_keeps_its_code_and_its_text() -> None:
    renamed = type("AnotherName", (NotFound,), {"__doc__": None})

    assert (renamed().code, renamed().detail) == (NotFound.code, NotFound.detail)
    assert str(renamed()) == NotFound.detail


def test_fault_16_no_text_of_the_api_comes_from_a_docstring() -> None:
    sources = [path for root in ("shared", "functions") for path in (ROOT / root).rglob("*.py")]

    assert len(sources) > 300
    assert [str(path) for path in sources if "__doc__" in path.read_text()] == []
