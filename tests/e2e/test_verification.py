"""Verification documents through the public API and the object store, and what needs them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from emulators.client import documents
from emulators.client.documents import PICTURE
from emulators.client.operations import admin, drivers
from tests.e2e.scene import ApiClient, Town, eventually, ok, refused
from tests.fakes.pictures import pdf, png_bomb

pytestmark = [pytest.mark.emulator, pytest.mark.mission("A6")]

DOCUMENT = {"kind": "driving_licence", "content_type": "image/png", "size": len(PICTURE)}


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


async def _create(person: ApiClient, **changes: Any) -> dict[str, Any]:
    return ok(await person.post("/me/documents", {**DOCUMENT, "expires_on": _in_days(400), **changes}))


async def _upload(town: Town, upload: dict[str, Any], content: bytes, **headers: str) -> int:
    sent = {**upload["headers"], **headers}
    return (await town.http.put(upload["url"], content=content, headers=sent)).status_code


async def _recruit(town: Town) -> ApiClient:
    driver = await town.person("Imran Khan")
    await driver.do(drivers.register_driver("Imran", "scooter"))
    await town.admin.do(admin.approve_driver(driver.uid))
    return driver


async def test_a_driver_goes_online_with_the_documents_of_the_vehicle_and_not_after_a_rejection(
    town: Town,
) -> None:
    driver = await _recruit(town)
    at = {"lat": town.lat, "lng": town.lng}
    refused(await driver.post("/driver/go-online", at), 409, "VERIFICATION_DOCUMENTS_NOT_VALID")
    await town.show(driver, "driving_licence", "identity", "vehicle_registration")
    refused(await driver.post("/driver/go-online", at), 409, "VERIFICATION_DOCUMENTS_NOT_VALID")
    await town.show(driver, "insurance")
    assert ok(await driver.post("/driver/go-online", at))["status"] == "online"

    identity = next(
        document
        for document in ok(await driver.get("/me/documents"))["documents"]
        if document["kind"] == "identity"
    )
    ok(await town.admin.post(f"/admin/documents/{identity['id']}/reject", {"reason": "Forged"}))

    async def offline() -> bool:
        return bool(ok(await driver.get("/driver"))["status"] == "offline")

    await eventually(offline)
    refused(await driver.post("/driver/go-online", at), 409, "VERIFICATION_DOCUMENTS_NOT_VALID")
    assert ok(await driver.get(f"/me/documents/{identity['id']}"))["reason"] == "Forged"


async def test_a_shop_opens_with_its_licence_and_closes_without(town: Town) -> None:
    [licence] = ok(await town.staff.get("/me/documents", merchant_id=town.merchant_id))["documents"]
    ok(await town.admin.post(f"/admin/documents/{licence['id']}/reject", {"reason": "Revoked"}))

    async def closed() -> bool:
        shop = ok(await town.staff.get(f"/merchants/{town.merchant_id}"))
        return not shop["open"]

    await eventually(closed)
    refused(await town.staff.post(f"/merchants/{town.merchant_id}/open"), 409, "LICENCE_MISSING")
    await town.show(town.staff, *documents.MERCHANT_DOCUMENTS, merchant_id=town.merchant_id)
    assert ok(await town.staff.post(f"/merchants/{town.merchant_id}/open"))["open"] is True


async def test_the_admin_sees_the_re_encoded_image_and_nothing_hidden_in_the_upload(town: Town) -> None:
    person = await town.person()
    hiding = PICTURE + b"<script>alert(1)</script>"
    created = await _create(person, size=len(hiding))
    assert await _upload(town, created["upload"], hiding) == 200
    shown = ok(await person.post(f"/me/documents/{created['id']}/submit", key=None))
    assert (shown["state"], shown["content_type"]) == ("submitted", "image/jpeg")

    seen = ok(await town.admin.get(f"/admin/documents/{created['id']}"))

    content = (await town.http.get(seen["file_url"])).content
    assert (content[:3], len(content)) == (b"\xff\xd8\xff", shown["size"])
    assert b"script" not in content
    assert sha256(content).hexdigest() == seen["sha256"]
    assert await _upload(town, created["upload"], hiding) == 412
    assert (await town.http.get(seen["file_url"].partition("?")[0])).status_code == 403


async def test_the_object_store_accepts_the_declared_file_only(town: Town) -> None:
    person = await town.person()
    created = await _create(person)
    upload, submit = created["upload"], f"/me/documents/{created['id']}/submit"

    assert await _upload(town, upload, PICTURE + b"!") == 400
    assert await _upload(town, upload, PICTURE, **{"content-type": "text/html"}) == 403
    assert await _upload(town, {**upload, "url": upload["url"][:-2] + "00"}, PICTURE) == 403
    refused(await person.post(submit, key=None), 409, "UPLOAD_MISSING")
    assert await _upload(town, upload, PICTURE) == 200
    assert await _upload(town, upload, PICTURE) == 412
    assert ok(await person.post(submit, key=None))["state"] == "submitted"


async def test_a_decompression_bomb_and_a_pdf_with_active_content_are_refused(town: Town) -> None:
    person = await town.person()
    for content, content_type, code in (
        (png_bomb(20_000, 20_000), "image/png", "PICTURE_TOO_LARGE"),
        (PICTURE[:45], "image/png", "FILE_UNREADABLE"),
        (pdf(b"/OpenAction << /S /JavaScript >>"), "application/pdf", "ACTIVE_CONTENT"),
    ):
        created = await _create(person, content_type=content_type, size=len(content))
        assert await _upload(town, created["upload"], content) == 200
        refused(await person.post(f"/me/documents/{created['id']}/submit", key=None), 422, code)


async def test_a_page_declared_as_an_image_is_refused(town: Town) -> None:
    person = await town.person()
    page = b"<script>alert(1)</script>"
    created = await _create(person, size=len(page))
    assert await _upload(town, created["upload"], page) == 200

    answer = await person.post(f"/me/documents/{created['id']}/submit", key=None)
    refused(answer, 422, "FILE_NOT_AS_DECLARED")


async def test_a_foreign_document_is_not_found(town: Town) -> None:
    owner, stranger = await town.person(), await town.person()
    created = await _create(owner)

    refused(await stranger.get(f"/me/documents/{created['id']}"), 404, "DOCUMENT_NOT_FOUND")
    refused(await stranger.post(f"/me/documents/{created['id']}/submit", key=None), 404)
    refused(await stranger.get("/me/documents", merchant_id=town.merchant_id), 404, "MERCHANT_NOT_FOUND")
    refused(await owner.post(f"/admin/documents/{created['id']}/approve", key=None), 403, "ROLE_MISSING")


async def test_five_of_many_simultaneous_documents_are_created(town: Town) -> None:
    person = await town.person()
    body = {**DOCUMENT, "expires_on": _in_days(30)}
    answers = await asyncio.gather(*(person.post("/me/documents", body) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 3
    assert len(ok(await person.get("/me/documents"))["documents"]) == 5
