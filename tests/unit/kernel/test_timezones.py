"""Time zones: one list of names for every place that takes one, whatever the machine has."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.kernel.timezones import ZoneUnknown, time_zone, zone_names

ALIASES = (
    "Asia/Calcutta",
    "US/Pacific",
    "GB",
    "EST5EDT",
    "UTC",
    "Etc/GMT+5",
    "Zulu",
    "America/Argentina/Ushuaia",
)
ROOT = Path(__file__).parents[3]
OF_A_MACHINE = (
    *("localtime", "Factory", "posixrules", "right/Asia/Kolkata", "posix/Asia/Kolkata", "tzdata.zi"),
    *(
        "Mars/Olympus",
        "../../etc/passwd",
        "/etc/localtime",
        "asia/kolkata",
        "Asia",
        "Asia/",
        "",
        " UTC",
        "UTC\n",
    ),
    *("zone.tab", "leapseconds", "Asia/Kolkata\0", "Аsia/Kolkata"),
)


@pytest.mark.parametrize("name", ["Asia/Kolkata", *ALIASES])
def test_fault_30_a_name_of_the_iana_database_or_an_alias_is_a_time_zone(name: str) -> None:
    assert time_zone(name).key == name


@pytest.mark.parametrize("name", OF_A_MACHINE)
def test_fault_30_a_name_that_depends_on_the_machine_is_no_time_zone(name: str) -> None:
    with pytest.raises(ZoneUnknown):
        time_zone(name)


def test_fault_30_every_name_of_the_list_has_rules() -> None:
    assert len(zone_names()) > 590
    for name in zone_names():
        assert abs(
            datetime(2026, 11, 20, tzinfo=UTC).astimezone(time_zone(name)).utcoffset() or timedelta()
        ) < (timedelta(hours=15))


def test_fault_30_the_rules_do_not_come_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "TZPATH", ())
    assert datetime(2026, 7, 1, tzinfo=UTC).astimezone(time_zone("Europe/Berlin")).hour == 2


def test_fault_30_nothing_else_looks_up_a_time_zone_by_name() -> None:
    sources = (path for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py"))
    lookups = [path.name for path in sources if "ZoneInfo(" in path.read_text()]
    assert lookups == []
