"""The decision records of infra/adr and their index."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[3] / "infra" / "adr"
RECORDS = sorted(path for path in FOLDER.glob("[0-9]*.md") if not path.name.startswith("0000"))


def title(record: Path) -> tuple[str, str]:
    """Return the number and the title in the first line of a record."""
    number, _, text = record.read_text().splitlines()[0].removeprefix("# ").partition(" ")
    return number, text


def test_records_are_numbered_without_gaps_as_their_file_names_say() -> None:
    expected = [f"{number:04d}" for number in range(1, len(RECORDS) + 1)]
    assert [record.name.partition("-")[0] for record in RECORDS] == expected
    assert [title(record)[0] for record in RECORDS] == expected


def test_the_index_lists_every_record_by_its_title() -> None:
    rows = [line for line in (FOLDER / "README.md").read_text().splitlines() if line.startswith("| [")]
    assert rows == [f"| [{title(r)[0]}]({r.name}) | {title(r)[1]} |" for r in RECORDS]
