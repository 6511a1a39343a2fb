"""Text that people paste into their profile and their address book."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.texts import BROKEN_NAMES, PASTED, SHOWS_NOTHING

pytestmark = pytest.mark.mission("A3")

BOOK = "/api/v1/me/addresses"
HOME = {"label": "Home", "address": "12th Main", "location": {"lat": 12.9719, "lng": 77.6412}}


@pytest.mark.parametrize("name", [*SHOWS_NOTHING, *BROKEN_NAMES])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/v1/me", {"name": ...}),
        ("PUT", "/api/v1/me", {"cuisines": ["thai", ...]}),
        ("POST", BOOK, {**HOME, "label": ...}),
        ("POST", "/api/v1/me/sessions", {"label": ..., "platform": "web"}),
    ],
)
async def test_fault_26_a_name_that_shows_nothing_or_breaks_its_line_is_refused_with_its_field(
    call: Caller, database: MemoryDatabase, method: str, path: str, body: dict[str, Any], name: str
) -> None:
    sent = {
        field: name
        if value is ...
        else [name if one is ... else one for one in value]
        if isinstance(value, list)
        else value
        for field, value in body.items()
    }
    answer = await call(method, path, sent, key="k")

    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert answer.json()["errors"][0]["pointer"].split("/")[1] in body
    assert answer.json()["errors"][0]["message"]
    assert "users/asha" not in database.docs


@pytest.mark.parametrize(("pasted", "stored"), PASTED.items())
async def test_fault_26_an_address_is_kept_without_the_invisible_marks_that_were_pasted_with_it(
    call: Caller, pasted: str, stored: str
) -> None:
    made = await call("POST", BOOK, {**HOME, "address": pasted, "notes": f"{pasted}\n\u202eRing"}, key="k")

    assert made.status_code == 201, made.text
    assert made.json()["address"] == stored
    assert "\u202e" not in made.json()["notes"]
    assert made.json()["notes"].endswith("\nRing")


async def test_fault_26_a_name_of_any_script_and_an_emoji_stay_what_they_are(call: Caller) -> None:
    for name in ("आशा राव", "محمد", "Zoë", "👨\u200d👩\u200d👧 Rao", "අශා\u200d", "葛\U000e0100飾"):
        await call("PUT", "/api/v1/me", {"name": name})
        assert (await call("GET", "/api/v1/me")).json()["name"] in (name, name.rstrip("\u200d"))


async def test_fault_26_the_length_is_that_of_the_text_that_is_stored(call: Caller) -> None:
    marked = "\u200b".join("x" * 200)

    assert (await call("PUT", "/api/v1/me", {"name": marked})).json()["name"] == "x" * 200
    assert (await call("PUT", "/api/v1/me", {"name": f"{marked}x"})).status_code == 422


async def test_fault_33_a_profile_that_the_caller_has_is_304_until_it_changes(call: Caller) -> None:
    tag = (await call("GET", "/api/v1/me")).headers["ETag"]
    assert (await call("GET", "/api/v1/me", If_None_Match=f"W/{tag}")).status_code == 304

    assert (await call("PUT", "/api/v1/me", {"name": "Asha Rao"}, If_Match=tag)).status_code == 200
    changed = await call("GET", "/api/v1/me", If_None_Match=tag)
    assert (changed.status_code, changed.json()["name"]) == (200, "Asha Rao")
