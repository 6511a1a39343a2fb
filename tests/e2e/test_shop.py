"""From a merchant's application to its first order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from emulators.client import documents
from tests.e2e.scene import ApiClient, Town, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("B1", "B2")]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WHY = {"reason": "The address is not that of a kitchen"}

MENU: dict[str, Any] = {
    "categories": [{"id": "mains", "name": "Mains"}],
    "items": [
        {
            "name": "Thali",
            "price": 18_000,
            "category": "mains",
            "dietary": ["vegetarian"],
            "prep_minutes": 25,
            "modifier_groups": [
                {
                    "name": "Size",
                    "min": 1,
                    "modifiers": [{"name": "Half", "price_delta": -6_000}, {"name": "Full"}],
                }
            ],
        },
        {"name": "Lassi", "price": 5_000, "category": "mains", "stocked": True},
    ],
}


def _profile(town: Town, **changes: Any) -> dict[str, Any]:
    profile = {"name": "Thali House", "category": "north indian", "prep_minutes": 20}
    return profile | {"location": {"lat": town.lat, "lng": town.lng}, "address": "12th Main"} | changes


async def _apply(town: Town, owner: ApiClient) -> str:
    clicks = [await owner.post("/merchants", _profile(town), key="apply") for _ in range(2)]
    assert len({ok(click)["id"] for click in clicks}) == 1
    return str(ok(clicks[0])["id"])


async def _pending(town: Town) -> list[str]:
    """Return the ids of all applications that wait, page by page."""
    found, token = [], ""
    while True:
        page = ok(await town.admin.get("/admin/merchants", page_size=100, page_token=token))
        found += [merchant["id"] for merchant in page["merchants"]]
        if not (token := page["next_page_token"]):
            return found


def _hours(opens: datetime, closes: datetime) -> dict[str, Any]:
    """Return hours that are open from one moment to the other, on every day."""
    spans = [{"day": day, "opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"} for day in DAYS]
    return {"timezone": "Asia/Kolkata", "weekly": spans}


async def test_an_application_is_reviewed_turned_away_handed_in_again_and_approved(town: Town) -> None:
    owner, stranger = await town.person(), await town.person()
    shop = await _apply(town, owner)
    path = f"/merchants/{shop}"
    assert ok(await owner.get(path))["application_status"] == "pending"
    refused(await stranger.get(path), 404, "MERCHANT_NOT_FOUND")
    assert shop in await _pending(town)
    refused(await owner.post(f"{path}/open"), 409, "MERCHANT_NOT_APPROVED")
    refused(await owner.post(f"/admin/merchants/{shop}/approve"), 403, "ROLE_MISSING")

    ok(await town.admin.post(f"/admin/merchants/{shop}/reject", WHY))
    seen = ok(await owner.get(path))
    assert (seen["application_status"], seen["reason"]) == ("rejected", WHY["reason"])
    assert shop not in await _pending(town)
    ok(await owner.post(f"{path}/submit"))
    assert shop in await _pending(town)
    ok(await town.admin.post(f"/admin/merchants/{shop}/approve"))

    refused(await owner.post(f"{path}/submit"), 409, "MERCHANT_NOT_REJECTED")
    read = ok(await town.admin.get(f"/admin/merchants/{shop}"))
    assert [review["outcome"] for review in read["reviews"]] == ["approved", "rejected"]
    assert ok(await stranger.get(path))["application_status"] == "approved"
    ok(await town.admin.post(f"/admin/merchants/{shop}/suspend", WHY))
    refused(await stranger.get(path), 404, "MERCHANT_NOT_FOUND")
    refused(await owner.post(f"{path}/open"), 409, "MERCHANT_NOT_APPROVED")


async def test_an_approved_shop_shows_its_licence_writes_menu_and_hours_and_sells(town: Town) -> None:
    owner, customer = await town.person(), await town.person()
    shop = await _apply(town, owner)
    path = f"/merchants/{shop}"
    ok(await town.admin.post(f"/admin/merchants/{shop}/approve"))
    refused(await owner.post(f"{path}/open"), 409, "MENU_MISSING")
    menu = ok(await owner.request("PUT", f"{path}/menu", json=MENU))
    refused(await owner.post(f"{path}/open"), 409, "LICENCE_MISSING")
    await town.show(owner, *documents.MERCHANT_DOCUMENTS, merchant_id=shop)
    now = datetime.now(ZoneInfo("Asia/Kolkata"))
    hour = timedelta(hours=1)
    ok(await owner.request("PUT", f"{path}/hours", json=_hours(now + 2 * hour, now + 6 * hour)))
    opened = ok(await owner.post(f"{path}/open"))
    assert (opened["open"], opened["open_now"]) == (True, False)
    opens_at = datetime.fromisoformat(opened["opens_at"])
    assert timedelta() < opens_at - datetime.now(UTC) <= 2 * hour

    thali, lassi = menu["items"]
    half, full = (choice["id"] for choice in thali["modifier_groups"][0]["modifiers"])
    wanted = [{"item_id": thali["id"], "quantity": 2, "modifiers": [half]}]
    wish = town.wish(merchant_id=shop, items=wanted)
    refused(await customer.post("/quotes", wish, key=None), 409, "MERCHANT_CLOSED")
    later = (opens_at + hour).isoformat()
    ok(await customer.post("/quotes", wish | {"scheduled_for": later}, key=None))
    ok(await owner.request("PUT", f"{path}/hours", json=_hours(now - hour, now + 6 * hour)))

    for modifiers in ([], [half, full], [half, half], ["mod_unheard_of"]):
        wrong = wish | {"items": [wanted[0] | {"modifiers": modifiers}]}
        refused(await customer.post("/quotes", wrong, key=None), 422, "MODIFIERS_INVALID")
    uncounted = wish | {"items": [{"item_id": lassi["id"], "quantity": 1}]}
    refused(await customer.post("/quotes", uncounted, key=None), 409, "OUT_OF_STOCK")
    made = ok(await customer.post("/quotes", wish, key=None))
    assert (made["items"][0]["unit_price"], made["amounts"]["items"]) == (12_000, 24_000)
    dearer = [thali | {"price": 99_000}, lassi]
    ok(await owner.request("PUT", f"{path}/menu", json=MENU | {"items": dearer}))
    order = ok(await customer.post("/orders", {"quote_id": made["id"]}))
    assert order["amounts"] == made["amounts"]  # the menu that it saw
    await town.pay(customer, order["id"])
    for step in ("confirm", "prepare", "ready"):
        refused(await town.staff.post(f"/orders/{order['id']}/{step}"), 404, "ORDER_NOT_FOUND")
        ok(await owner.post(f"/orders/{order['id']}/{step}"))


async def test_pause_switch_and_a_full_kitchen_each_stop_new_orders(town: Town) -> None:
    customer, path = await town.person(), f"/merchants/{town.merchant_id}"
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    ok(await town.staff.post(f"{path}/pause", {"until": until}))
    refused(await customer.post("/quotes", town.wish(), key=None), 409, "MERCHANT_CLOSED")
    for moment in ("2020-01-01T00:00:00Z", "2200-01-01T00:00:00Z"):
        refused(await town.staff.post(f"{path}/pause", {"until": moment}), 422, "PAUSE_INVALID")
    ok(await town.staff.post(f"{path}/open"))
    ok(await town.staff.request("PUT", f"{path}/capacity", json={"max_open_orders": 1}))
    quotes = [ok(await customer.post("/quotes", town.wish(), key=None))["id"] for _ in range(2)]

    first = ok(await customer.post("/orders", {"quote_id": quotes[0]}))
    refused(await customer.post("/orders", {"quote_id": quotes[1]}), 409, "MERCHANT_AT_CAPACITY")
    ok(await customer.post(f"/orders/{first['id']}/cancel"))
    ok(await town.staff.post(f"{path}/close"))
    refused(await customer.post("/orders", {"quote_id": quotes[1]}), 409, "MERCHANT_CLOSED")
    ok(await town.staff.post(f"{path}/open"))
    ok(await customer.post("/orders", {"quote_id": quotes[1]}))


async def test_of_two_who_edit_at_once_the_later_is_told_and_strangers_find_nothing(town: Town) -> None:
    path, stranger = f"/merchants/{town.merchant_id}", await town.person()
    tag = (await town.staff.get(path)).headers["ETag"]
    seen = {"If-Match": tag}
    ok(await town.staff.request("PUT", path, json=_profile(town, name="Dosa Palace"), headers=seen))
    late = await town.staff.request("PUT", path, json=_profile(town, name="Dosa Castle"), headers=seen)
    refused(late, 412, "MERCHANT_CHANGED")
    assert ok(await town.staff.get(path))["name"] == "Dosa Palace"

    for part, body in (
        ("", _profile(town)),
        ("/menu", MENU),
        ("/hours", {"timezone": "Asia/Kolkata"}),
        ("/capacity", {"max_open_orders": 1}),
    ):
        refused(await stranger.request("PUT", f"{path}{part}", json=body), 404, "MERCHANT_NOT_FOUND")
    for body in ({"timezone": "Asia/Atlantis"}, {"timezone": "Asia/Kolkata", "weekly": [{"day": "monday"}]}):
        refused(await town.staff.request("PUT", f"{path}/hours", json=body), 422)
