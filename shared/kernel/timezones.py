"""Time zones: the names of the IANA database and their aliases, the same on every machine.

The rules come from the pinned `tzdata` package. The machine's own files are not read: they may be older, and
they have names that no other machine knows or that mean something else there (`localtime`, `posixrules`,
`right/Asia/Kolkata`).
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import tzdata

from shared.kernel.errors import Invalid

_PLACEHOLDERS = frozenset({"Factory"})
"""Names in the database that are no time zone: a machine that was never configured has `Factory`."""


class ZoneUnknown(Invalid):
    """The time zone database has no such zone."""

    code = "ZONE_UNKNOWN"
    detail = "There is no such time zone. Use a name of the IANA database, such as `Asia/Kolkata`."


@cache
def zone_names() -> frozenset[str]:
    """Return every name of the IANA database, aliases such as `Asia/Calcutta` included."""
    text = resources.files(tzdata).joinpath("zones").read_text("ascii")
    return frozenset(text.split()) - _PLACEHOLDERS


@cache
def _zone(name: str) -> ZoneInfo:
    with resources.files(tzdata).joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def time_zone(name: str) -> ZoneInfo:
    """Return the time zone of a name, which is spelt as in the IANA database. Raises `ZoneUnknown`."""
    if name not in zone_names():
        raise ZoneUnknown
    return _zone(name)
