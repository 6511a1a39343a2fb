"""How the staff keeps a merchant: profile, hours, pause, capacity, and who belongs to the staff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.conftest import SetClock
from tests.unit.catalogue.shops import CENTRE, east, put, shop

pytestmark = pytest.mark.mission("B1")

OWN = "/api/v1/merchants/mer_1"
PROFILE: dict[str, Any] = {
    "name": "Idli Corner",
    "category": "Breakfast",
    "location": {"lat": east(4_000).lat, "lng": east(4_000).lng},
    "address": "80 Feet Road",
    "prep_minutes": 20,
    "image": "https://images.example/idli.jpg",
}
HOURS: dict[str, Any] = {
    "timezone": "Asia/Kolkata",
    "weekly": [{"day": "friday", "opens": "22:00", "closes": "02:00"}],
    "holidays": [{"date": "2026-12-25", "spans": []}],
}
FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""17:30 in Bengaluru."""


@pytest.fixture(autouse=True)
def open_shop(database: MemoryDatabase) -> None:
    put(database, shop())


class TestProfile:
    async def test_an_edit_moves_the_merchant_and_what_it_is_found_by(self, call: Caller) -> None:
        await call("PUT", f"{OWN}/menu", {"items": [{"name": "Rava idli", "price": 100}]})
        answer = await call("PUT", OWN, PROFILE)

        assert (answer.status_code, answer.headers["etag"][:3]) == (200, '"1-')
        assert answer.json()["location"] == PROFILE["location"]
        asha = call.be("asha")
        far = f"/api/v1/merchants?lat={CENTRE.lat}&lng={CENTRE.lng}"
        assert (await asha("GET", f"{far}&radius_m=3000")).json()["merchants"] == []
        for query in ("q=idli corner", "q=breakfast", "q=rava", "category=BREAKFAST"):
            [found] = (await asha("GET", f"{far}&{query}")).json()["merchants"]
            assert (found["id"], found["name"]) == ("mer_1", "Idli Corner")
        assert (await asha("GET", f"{far}&q=dosa")).json()["merchants"] == []

    async def test_of_two_edits_on_one_reading_the_second_is_412(self, call: Caller) -> None:
        tag = (await call("GET", OWN)).headers["etag"]
        first = await call("PUT", OWN, PROFILE, if_match=tag)
        second = await call("PUT", f"{OWN}/hours", HOURS, if_match=tag)
        third = await call("PUT", f"{OWN}/hours", HOURS, if_match=first.headers["etag"])

        assert (first.status_code, second.status_code, third.status_code) == (200, 412, 200)
        assert second.json()["code"] == "MERCHANT_CHANGED"

    async def test_an_edit_does_not_touch_approval_rating_or_staff(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        put(database, shop(rating_sum=9, rating_count=2), staff=("ravi",))
        await call("PUT", OWN, PROFILE)
        stored = database.data("merchants/mer_1")
        assert (stored["approved"], stored["rating_sum"], stored["staff_count"]) == (True, 9, 2)

    @pytest.mark.parametrize(
        "change",
        [
            {"image": "http://images.example/a.jpg"},
            {"image": "data:image/png;base64,AA"},
            {"description": "x" * 1_001},
            {"approved": True},
            {"staff": ["mallory"]},
            {"owner_id": "mallory"},
            {"max_open_orders": 5},
            {"name": None},
            {"location": {"lat": 91, "lng": 0}},
        ],
    )
    async def test_a_profile_that_cannot_stand_is_422(
        self, call: Caller, database: MemoryDatabase, change: dict[str, Any]
    ) -> None:
        before = database.data("merchants/mer_1")
        assert (await call("PUT", OWN, {**PROFILE, **change})).status_code == 422
        assert database.data("merchants/mer_1") == before


class TestHours:
    async def test_what_was_written_is_read_again(self, call: Caller) -> None:
        assert (await call("PUT", f"{OWN}/hours", HOURS)).json() == HOURS
        assert (await call.be("asha")("GET", f"{OWN}/hours")).json() == HOURS
        all_day = {**HOURS, "weekly": [{"day": "monday", "opens": "00:00", "closes": "24:00"}]}
        assert (await call("PUT", f"{OWN}/hours", all_day)).json() == all_day

    async def test_a_merchant_is_open_by_its_own_clock(self, call: Caller, clock: SetClock) -> None:
        await call("PUT", f"{OWN}/hours", HOURS)
        before = (await call("GET", OWN)).json()
        clock.at = datetime(2026, 11, 20, 17, tzinfo=UTC)
        during = (await call("GET", OWN)).json()

        assert (before["open"], before["open_now"]) == (True, False)
        assert (before["opens_at"], before["closes_at"]) == ("2026-11-20T16:30:00Z", None)
        assert (during["open_now"], during["opens_at"]) == (True, None)
        assert during["closes_at"] == "2026-11-20T20:30:00Z"

    async def test_browsing_for_open_ones_asks_the_hours_and_not_the_switch_alone(
        self, call: Caller, clock: SetClock
    ) -> None:
        await call("PUT", f"{OWN}/hours", HOURS)
        path = f"/api/v1/merchants?lat={CENTRE.lat}&lng={CENTRE.lng}&open="
        assert (await call("GET", f"{path}true")).json()["merchants"] == []
        assert len((await call("GET", f"{path}false")).json()["merchants"]) == 1
        clock.at = datetime(2026, 11, 20, 17, tzinfo=UTC)
        assert len((await call("GET", f"{path}true")).json()["merchants"]) == 1

    async def test_a_closed_shop_does_not_open_by_its_hours(self, call: Caller, clock: SetClock) -> None:
        await call("PUT", f"{OWN}/hours", HOURS)
        clock.at = datetime(2026, 11, 20, 17, tzinfo=UTC)
        closed = (await call("POST", f"{OWN}/close")).json()
        assert (closed["open_now"], closed["opens_at"], closed["closes_at"]) == (False, None, None)

    @pytest.mark.parametrize("zone", ["Asia/Calcutta", "GB", "EST5EDT", "UTC"])
    async def test_fault_30_an_alias_of_the_iana_list_is_accepted(self, call: Caller, zone: str) -> None:
        answer = await call("PUT", f"{OWN}/hours", {**HOURS, "timezone": zone})
        assert (answer.status_code, answer.json()["timezone"]) == (200, zone)

    @pytest.mark.parametrize("zone", ["localtime", "Factory", "right/Asia/Kolkata", "posixrules"])
    async def test_fault_30_a_zone_that_depends_on_the_machine_is_refused(
        self, call: Caller, zone: str
    ) -> None:
        answer = await call("PUT", f"{OWN}/hours", {**HOURS, "timezone": zone})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/timezone")

    @pytest.mark.parametrize(
        "change",
        [
            {"timezone": "Mars/Olympus"},
            {"timezone": "../../etc/passwd"},
            {"timezone": ""},
            {"timezone": "x" * 65},
            {"timezone": 5},
            {"weekly": [{"day": "freitag", "opens": "09:00", "closes": "10:00"}]},
            {"weekly": [{"day": "friday", "opens": "9:00", "closes": "10:00"}]},
            {"weekly": [{"day": "friday", "opens": "24:00", "closes": "10:00"}]},
            {"weekly": [{"day": "friday", "opens": "25:00", "closes": "10:00"}]},
            {"weekly": [{"day": "friday", "opens": "10:60", "closes": "11:00"}]},
            {"weekly": [{"day": "friday", "opens": "٠٩:٠٠", "closes": "10:00"}]},
            {"weekly": [{"day": "friday", "opens": "10:00", "closes": "10:00"}]},
            {"weekly": [{"day": "friday", "opens": 540, "closes": 600}]},
            {"weekly": [{"day": "friday", "opens": "10:00", "closes": "11:00"}] * 2},
            {"weekly": [{"day": "friday", "opens": "10:00", "closes": "11:00"}] * 43},
            {"holidays": [{"date": "2026-02-30"}]},
            {"holidays": [{"date": "9999-12-31"}]},
            {"holidays": [{"date": "0000-00-00"}]},
            {"holidays": [{"date": "2026-12-25T00:00"}]},
            {"holidays": [{"date": "2026-12-25"}, {"date": "2026-12-25"}]},
            {"holidays": [{"date": "2026-12-25", "opens": "09:00"}]},
            {"holidays": None},
            {"open": True},
        ],
    )
    async def test_hours_that_cannot_stand_are_422(
        self, call: Caller, database: MemoryDatabase, change: dict[str, Any]
    ) -> None:
        answer = await call("PUT", f"{OWN}/hours", {**HOURS, **change})
        assert answer.status_code == 422
        assert answer.json()["errors"]
        assert database.data("merchants/mer_1")["hours"] == []


class TestPause:
    async def test_a_pause_ends_by_itself(self, call: Caller, clock: SetClock) -> None:
        until = "2026-11-20T12:45:00Z"
        paused = (await call("POST", f"{OWN}/pause", {"until": until})).json()
        assert (paused["open"], paused["open_now"], paused["opens_at"]) == (True, False, until)
        clock.at = FRIDAY + timedelta(minutes=45)
        assert (await call("GET", OWN)).json()["open_now"] is True

    async def test_after_a_pause_beyond_the_hours_it_opens_with_the_next_ones(self, call: Caller) -> None:
        await call("PUT", f"{OWN}/hours", HOURS)
        paused = await call("POST", f"{OWN}/pause", {"until": "2026-11-21T02:30:00+05:30"})
        assert paused.json()["opens_at"] == "2026-11-27T16:30:00Z"

    async def test_opening_ends_a_pause(self, call: Caller) -> None:
        await call("POST", f"{OWN}/pause", {"until": "2026-11-21T12:00:00Z"})
        opened = (await call("POST", f"{OWN}/open")).json()
        assert (opened["open_now"], opened["paused_until"]) == (True, None)

    @pytest.mark.parametrize(
        "until",
        [
            "2026-11-20T12:00:00Z",
            "2026-11-27T12:00:01Z",
            "2026-11-20T13:00:00",
            "9999-12-31T23:59:59-23:59",
            "0001-01-01T00:00:00+23:59",
            "soon",
            "",
            1_800_000_000,
            None,
        ],
    )
    async def test_a_pause_without_sense_is_422(self, call: Caller, until: Any) -> None:
        assert (await call("POST", f"{OWN}/pause", {"until": until})).status_code == 422


class TestCapacity:
    async def test_a_kitchen_can_be_bounded_and_freed_again(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        for bound in (5, None):
            answer = await call("PUT", f"{OWN}/capacity", {"max_open_orders": bound})
            assert (answer.status_code, answer.json()["max_open_orders"]) == (200, bound)
            assert database.data("merchants/mer_1")["max_open_orders"] == bound

    @pytest.mark.parametrize(
        "body", [{}, *({"max_open_orders": n} for n in (0, -1, 1_001, 1.5, True, "5", 10**30))]
    )
    async def test_a_bound_without_sense_is_422(self, call: Caller, body: Any) -> None:
        assert (await call("PUT", f"{OWN}/capacity", body)).status_code == 422


class TestStaff:
    async def test_a_hired_person_has_access_until_they_are_dismissed(self, call: Caller) -> None:
        ravi = call.be("ravi")
        assert (await ravi("POST", f"{OWN}/close")).status_code == 404
        hired = await call("PUT", f"{OWN}/staff/ravi")
        assert hired.json() == {"owner_id": "staff", "staff": ["staff", "ravi"]}
        assert (await call("PUT", f"{OWN}/staff/ravi")).json() == hired.json()
        assert (await ravi("POST", f"{OWN}/close")).status_code == 200
        assert (await ravi("GET", f"{OWN}/staff")).json() == hired.json()
        for _ in range(2):
            assert (await call("DELETE", f"{OWN}/staff/ravi")).json()["staff"] == ["staff"]
        assert (await ravi("POST", f"{OWN}/open")).status_code == 404

    async def test_only_the_owner_hires_and_dismisses(self, call: Caller, database: MemoryDatabase) -> None:
        put(database, shop(), staff=("ravi",))
        for method, path in (("PUT", "staff/mallory"), ("DELETE", "staff/staff"), ("DELETE", "staff/ravi")):
            for uid, status, code in (("ravi", 403, "OWNER_ONLY"), ("mallory", 404, "MERCHANT_NOT_FOUND")):
                answer = await call.be(uid)(method, f"{OWN}/{path}")
                assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert sorted(database.collection("merchants/mer_1/staff")) == ["ravi", "staff"]
        assert database.data("merchants/mer_1")["staff_count"] == 2

    async def test_the_owner_cannot_be_dismissed(self, call: Caller) -> None:
        answer = await call("DELETE", f"{OWN}/staff/staff")
        assert (answer.status_code, answer.json()["code"]) == (422, "OWNER_STAYS")

    async def test_the_fifty_first_member_is_refused(self, call: Caller, database: MemoryDatabase) -> None:
        put(database, shop(), staff=[f"hand{n}" for n in range(48)])
        assert (await call("PUT", f"{OWN}/staff/last")).status_code == 200
        answer = await call("PUT", f"{OWN}/staff/onemore")
        assert (answer.status_code, answer.json()["code"]) == (422, "STAFF_FULL")

    async def test_a_stranger_does_not_learn_who_works_there(self, call: Caller) -> None:
        assert (await call.be("asha")("GET", f"{OWN}/staff")).status_code == 404

    @pytest.mark.parametrize("uid", ["a%2Fb", "__a__", "%00", "x" * 129])
    async def test_a_uid_that_cannot_be_is_a_client_error(self, call: Caller, uid: str) -> None:
        assert (await call("PUT", f"{OWN}/staff/{uid}")).status_code in (404, 422)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "", PROFILE),
        ("PUT", "/hours", HOURS),
        ("PUT", "/capacity", {"max_open_orders": 5}),
        ("POST", "/pause", {"until": "2026-11-20T13:00:00Z"}),
        ("POST", "/submit", None),
        ("GET", "/staff", None),
        ("PUT", "/staff/mallory", None),
    ],
)
async def test_a_foreign_merchant_is_404_and_without_a_token_it_is_401(
    call: Caller, database: MemoryDatabase, method: str, path: str, body: Any
) -> None:
    before = database.data("merchants/mer_1")
    foreign = await call.be("mallory")(method, f"{OWN}{path}", body)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "MERCHANT_NOT_FOUND")
    assert (await call.be("")(method, f"{OWN}{path}", body)).status_code == 401
    assert database.data("merchants/mer_1") == before


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/merchants"), ("PUT", OWN)])
async def test_fault_24_no_shop_is_at_0_0(
    call: Caller, database: MemoryDatabase, method: str, path: str
) -> None:
    put(database, shop())
    profile = {"name": "Dosa", "category": "food", "address": "12th Main", "prep_minutes": 15}
    answer = await call(method, path, {**profile, "location": {"lat": 0.0, "lng": 0}}, key="k")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/location")
    assert "Set the pin" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/merchants"), ("PUT", OWN)])
async def test_an_image_that_is_no_picture_of_a_shop_is_named(call: Caller, method: str, path: str) -> None:
    answer = await call(method, path, {**PROFILE, "image": "http://images.example/a.jpg"}, key="k")

    assert (answer.status_code, answer.json()["code"]) == (422, "PROFILE_INVALID")
    assert answer.json()["errors"][0]["pointer"] == "/image"
