"""Accounts on the running stack: ended sessions, second factors, social sign-in and the geocoder."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from urllib.parse import urlencode

import httpx
import pyotp
import pytest

from emulators.client.auth import API_KEY, Account, Credentials
from tests.e2e.scene import PASSWORD, ApiClient, Town, eventually, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("A3", "A4", "A5")]

WHY = {"reason": "end-to-end test"}


async def _session(person: ApiClient) -> str:
    """Return the id of the session in which a person is signed in."""
    sessions = ok(await person.get("/me/sessions"))["sessions"]
    return str(next(session["id"] for session in sessions if session["current"]))


async def _signed_in_again(town: Town, person: ApiClient, email: str) -> ApiClient:
    """Return the same person in a later session; within one second it would be the same one."""
    before = await _auth_time(person)

    async def later() -> ApiClient | None:
        account = await town.identity.sign_in(Credentials(email, PASSWORD))
        found = ApiClient(town.http, town.stack.url, account)
        return found if await _auth_time(found) > before else None

    again: ApiClient = await eventually(later)
    return again


async def _auth_time(person: ApiClient) -> int:
    payload = (await person.account.token()).split(".")[1]
    return int(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["auth_time"])


async def _record(town: Town, uid: str) -> dict[str, object]:
    """Return the sign-in service's record of a user."""
    url = f"http://{town.stack.env['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1"
    path = "projects/demo-waybill/accounts:lookup"
    answer = await town.http.post(
        f"{url}/{path}", json={"localId": [uid]}, headers={"Authorization": "Bearer owner"}
    )
    user: dict[str, object] = answer.raise_for_status().json()["users"][0]
    return user


async def test_a_session_ended_from_another_can_order_nothing_from_that_moment(town: Town) -> None:
    phone = await town.person()
    email = ok(await phone.get("/me"))["email"]
    laptop = await _signed_in_again(town, phone, email)
    ok(await laptop.post("/me/sessions", {"label": "Laptop", "platform": "web"}, key=None))
    quote = ok(await phone.post("/quotes", town.wish(), key=None))
    ended = await laptop.request("DELETE", f"/me/sessions/{await _session(phone)}")
    assert ended.status_code == 204

    refused(await phone.post("/orders", {"quote_id": quote["id"]}), 401, "SESSION_REVOKED")
    refused(
        await phone.post("/payments", {"order_id": "ord_x", "method": "upi_intent"}), 401, "SESSION_REVOKED"
    )
    assert [one["label"] for one in ok(await laptop.get("/me/sessions"))["sessions"]] == ["Laptop"]


async def test_signing_out_everywhere_informs_the_sign_in_service_too(town: Town) -> None:
    person = await town.person()
    email = ok(await person.get("/me"))["email"]
    before = int(time.time())
    assert (await person.request("DELETE", "/me/sessions")).status_code == 204

    refused(await person.get("/me/sessions"), 401, "SESSION_REVOKED")
    assert int(str((await _record(town, person.uid))["validSince"])) >= before

    async def let_in() -> bool:
        account = await town.identity.sign_in(Credentials(email, PASSWORD))
        return (await ApiClient(town.http, town.stack.url, account).get("/me/sessions")).is_success

    assert await eventually(let_in)


async def test_a_disabled_account_neither_acts_nor_signs_in(town: Town) -> None:
    person = await town.person()
    email = ok(await person.get("/me"))["email"]
    ok(await town.admin.post(f"/admin/users/{person.uid}/disable", WHY))

    refused(await person.post("/orders", {"quote_id": "quo_x"}), 403, "ACCOUNT_DISABLED")
    assert (await _record(town, person.uid))["disabled"] is True
    with pytest.raises(Exception, match="USER_DISABLED"):
        await town.identity.sign_in(Credentials(email, PASSWORD))
    ok(await town.admin.post(f"/admin/users/{person.uid}/enable", WHY))
    assert (await _record(town, person.uid))["disabled"] is False


async def test_fault_04_a_new_admin_has_a_second_factor_first_and_loses_access_with_the_role(
    town: Town,
) -> None:
    person = await town.person()
    ok(await person.get("/me"))
    path = f"/admin/users/{town.staff.uid}/roles"
    grant = {"grant": ["driver"], **WHY}
    refused(await person.post(path, grant), 403, "ROLE_MISSING")
    promote = f"/admin/users/{person.uid}/roles", {"grant": ["admin"], **WHY}
    refused(await town.admin.post(*promote), 409, "OPERATOR_NEEDS_SECOND_FACTOR")

    secret = ok(await person.post("/me/second-factor", key=None))["secret"]
    refused(await town.admin.post(*promote), 409, "OPERATOR_NEEDS_SECOND_FACTOR")
    code = {"code": pyotp.TOTP(secret).now()}
    answers = await asyncio.gather(
        *(person.post("/me/second-factor/confirm", code, key=None) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    await town.told(person, "second_factor_added.owner")
    ok(await town.admin.post(*promote))
    ok(await town.staff.get("/me"))
    assert ok(await person.post(path, grant))["roles"] == ["driver"]

    ok(await town.admin.post(f"/admin/users/{person.uid}/roles", {"revoke": ["admin"], **WHY}))
    refused(await person.post(path, grant), 403, "ROLE_MISSING")


async def test_of_many_verifications_with_one_code_at_once_one_wins(town: Town) -> None:
    person = await town.person()
    secret = ok(await person.post("/me/second-factor", key=None))["secret"]
    totp = pyotp.TOTP(secret)
    ok(await person.post("/me/second-factor/confirm", {"code": totp.now()}, key=None))
    code = {"code": totp.at(int(time.time()) + 30)}
    answers = await asyncio.gather(
        *(person.post("/me/second-factor/verify", code, key=None) for _ in range(5))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]


async def test_a_lost_second_factor_is_removed_by_an_admin_and_its_owner_is_notified(town: Town) -> None:
    person = await town.person()
    email = ok(await person.get("/me"))["email"]
    secret = ok(await person.post("/me/second-factor", key=None))["secret"]
    ok(await person.post("/me/second-factor/confirm", {"code": pyotp.TOTP(secret).now()}, key=None))
    path = f"/admin/users/{person.uid}/second-factor/reset"
    refused(await person.post(path, WHY), 403, "ROLE_MISSING")
    for _ in range(2):
        assert ok(await town.admin.post(path, WHY))["second_factor"] is False

    refused(await person.get("/me/second-factor"), 401, "SESSION_REVOKED")

    async def let_in() -> ApiClient | None:
        account = await town.identity.sign_in(Credentials(email, PASSWORD))
        found = ApiClient(town.http, town.stack.url, account)
        return found if (await found.get("/me/second-factor")).is_success else None

    again: ApiClient = await eventually(let_in)
    assert ok(await again.get("/me/second-factor"))["enrolled"] is False
    ok(await again.post("/me/second-factor", key=None))

    async def notified() -> bool:
        notes = ok(await again.get("/me/notifications"))["notifications"]
        return {note["template"] for note in notes} == {
            "second_factor_reset.owner",
            "second_factor_added.owner",
        }

    assert await eventually(notified)


async def test_a_google_sign_in_is_in_the_profile_and_still_needs_a_phone(town: Town) -> None:
    account = await _google(town, f"g-{time.time_ns()}@example.com")
    person = ApiClient(town.http, town.stack.url, account)

    me = ok(await person.get("/me"))
    assert (me["sign_in_provider"], me["email_verified"], me["phone_verified"]) == ("google.com", True, False)
    assert "google.com" in me["providers"]
    refused(await person.post("/quotes", town.wish(), key=None), 403, "PHONE_NOT_VERIFIED")


async def _google(town: Town, email: str) -> Account:
    claims = {"sub": email, "email": email, "email_verified": True, "name": "Gita"}
    body = {
        "postBody": urlencode({"id_token": json.dumps(claims), "providerId": "google.com"}),
        "requestUri": "http://localhost",
        "returnSecureToken": True,
        "returnIdpCredential": True,
    }
    host = town.stack.env["FIREBASE_AUTH_EMULATOR_HOST"]
    url = f"http://{host}/identitytoolkit.googleapis.com/v1/accounts:signInWithIdp"
    answer: httpx.Response = await town.http.post(url, params={"key": API_KEY}, json=body)
    return Account(town.identity, answer.raise_for_status().json())


async def test_an_address_is_geocoded_and_an_invented_one_is_refused(town: Town) -> None:
    person = await town.person()
    body = {"label": "Home", "address": "Flat 4, 12th Main, Indiranagar", "notes": "Ring twice"}
    made = ok(await person.post("/me/addresses", body))

    assert made["location"] == {"lat": 12.97, "lng": 77.641}
    assert made["default"] is True
    refused(await person.post("/me/addresses", body | {"address": "Atlantis"}), 422, "ADDRESS_UNKNOWN")
    assert ok(await person.get("/me/addresses"))["addresses"] == [made]
    assert (await person.request("DELETE", f"/me/addresses/{made['id']}")).status_code == 204
