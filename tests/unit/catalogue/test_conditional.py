"""Conditional requests: 304 for a document that the caller has, 412 for an edit of an older one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.conftest import SetClock
from tests.unit.catalogue.shops import put, shop
from tests.unit.catalogue.test_shop_api import FRIDAY, HOURS, PROFILE

pytestmark = pytest.mark.mission("B1", "B2")

OWN = "/api/v1/merchants/mer_1"
ITEM = {"id": "itm_1", "name": "Dosa", "price": 100, "stocked": True}
DOCUMENTS = [OWN, f"{OWN}/hours", f"{OWN}/menu"]


@pytest.fixture(autouse=True)
async def _open(call: Caller, database: MemoryDatabase) -> None:
    put(database, shop(menu_version=0))
    assert (await call("PUT", f"{OWN}/menu", {"items": [ITEM]})).is_success


async def _tag(call: Caller, path: str) -> str:
    answer = await call("GET", path)
    assert answer.status_code == 200
    return str(answer.headers["ETag"])


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("sent", ["{}", "W/{}", "*", '"other", {}', 'W/"x,y" , W/{}', '"7-aaaaaaaaaaaa",{}'])
async def test_fault_33_a_document_that_the_caller_has_is_304_without_a_body(
    call: Caller, path: str, sent: str
) -> None:
    tag = await _tag(call, path)
    answer = await call("GET", path, If_None_Match=sent.format(tag))

    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("sent", ['"1"', '"other"', "", 'W/""', "{0}x", 'W/"99-000000000000"'])
async def test_fault_33_another_tag_gets_the_document(call: Caller, path: str, sent: str) -> None:
    tag = await _tag(call, path)
    answer = await call("GET", path, If_None_Match=sent.format(tag.strip('"')))

    assert (answer.status_code, answer.headers["ETag"]) == (200, tag)
    assert answer.json()


async def test_fault_33_what_changes_without_an_edit_is_not_hidden_by_a_304(
    call: Caller, database: MemoryDatabase, clock: SetClock
) -> None:
    """A dish that is sold out, a rating, and a shop that opens by its hours change no version."""
    menu, profile = await _tag(call, f"{OWN}/menu"), await _tag(call, OWN)
    await call("PUT", f"{OWN}/stock/itm_1", {"on_hand": 5})
    assert (await call("GET", f"{OWN}/menu", If_None_Match=menu)).json()["sold_out"] == []

    database.seed("merchants/mer_1", {**database.data("merchants/mer_1"), "rating_sum": 5, "rating_count": 1})
    rated = await call("GET", OWN, If_None_Match=profile)
    assert (rated.status_code, rated.json()["rating"]) == (200, 5.0)

    clock.at = FRIDAY
    await call("PUT", f"{OWN}/hours", HOURS)
    closed = await _tag(call, OWN)
    clock.at = FRIDAY.replace(hour=18)
    opened = await call("GET", OWN, If_None_Match=closed)
    assert (opened.status_code, opened.json()["open_now"]) == (200, True)


@pytest.mark.parametrize(
    ("path", "body"),
    [(OWN, PROFILE), (f"{OWN}/hours", HOURS), (f"{OWN}/menu", {"items": [ITEM]})],
)
async def test_fault_33_an_edit_compares_strongly_and_by_the_version_alone(
    call: Caller, database: MemoryDatabase, path: str, body: dict[str, Any]
) -> None:
    tag = await _tag(call, path)
    weak = await call("PUT", path, body, If_Match=f"W/{tag}")
    database.seed("merchants/mer_1", {**database.data("merchants/mer_1"), "rating_sum": 5, "rating_count": 1})
    good = await call("PUT", path, body, If_Match=f'"other", {tag}')
    late = await call("PUT", path, body, If_Match=tag)

    assert (weak.status_code, good.status_code, late.status_code) == (412, 200, 412)
    assert good.headers["ETag"] != tag


async def test_fault_33_the_tag_of_an_edit_is_that_of_the_document(call: Caller) -> None:
    edited = await call("PUT", OWN, PROFILE)

    assert (await call("GET", OWN, If_None_Match=edited.headers["ETag"])).status_code == 304


async def test_fault_33_if_none_match_says_nothing_about_an_edit(call: Caller) -> None:
    assert (await call("PUT", OWN, PROFILE, If_None_Match=await _tag(call, OWN))).status_code == 200
