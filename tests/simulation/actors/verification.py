"""A person's verification documents: created, uploaded, submitted, and renewed after expiry or rejection."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from functions.verification_api.schemas import DocumentRequest
from shared.kernel.errors import Invalid
from shared.kernel.vehicle import DriverDocument
from shared.verification.domain import DocumentKind
from shared.verification.submission import ExpiryOutOfRange, TooManyDocuments
from tests.fakes.object_store import JPEG
from tests.simulation.actors.city import City
from tests.simulation.host import MAX_SKEW_S
from tests.simulation.process import true_time
from tests.simulation.served import served
from tests.simulation.short_calendar import MIDNIGHT_S, TIME_ZONE

catalogue = served("catalogue_api.routes")
documents = served("verification_api.routes")

SHARE = 0.08
LOOKS_EVERY_S = 9.0
ONE_DAY = 0.3
"""The share of documents that expire on the day of their upload."""
FILES = {"application/pdf": b"%PDF-1.7\n" + bytes(40) + b"\n%%EOF", "image/jpeg": JPEG}
OF_DRIVERS = tuple(DocumentKind(kind) for kind in sorted(DriverDocument))
OF_SHOPS = (DocumentKind.FOOD_LICENCE,)


class VerificationDocuments:
    """Submits the documents that a driver or merchant needs; other people submit some now and then."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(f"verification {uid}")
        self._created = 0
        self._closed = 0

    async def live(self) -> None:
        """Submit missing documents until the run ends."""
        scenario = self._city.scenario
        works = self._uid in (*scenario.drivers, *scenario.merchants)
        if not (works and scenario.documents_required) and not scenario.acts(
            "verification", self._uid, SHARE
        ):
            return
        kinds = OF_SHOPS if self._uid in scenario.merchants else OF_DRIVERS
        while not self._city.calm or scenario.documents_required:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            subject = self._shop_id() if kinds is OF_SHOPS else self._uid
            missing = [kind for kind in kinds if subject and not self._has(subject, kind)]
            for kind in missing:
                await self._submit(kind, subject)
            if kinds is OF_SHOPS and subject and not missing:
                await self._open_again(subject)

    def _shop_id(self) -> str:
        shops = self._city.store.of("merchants").values()
        return next((str(shop["id"]) for shop in shops if shop["owner_id"] == self._uid), "")

    def _has(self, subject: str, kind: DocumentKind) -> bool:
        """Say whether the subject has a valid document of the kind, or a submitted one."""
        record = self._city.store.of("verification_records").get(subject, {})
        waiting = (
            self._city.store.of("verification_documents").get(id_, {}) for id_ in record.get("pending", ())
        )
        if any((one.get("kind"), one.get("state")) == (kind, "submitted") for one in waiting):
            return True
        valid = (one for one in record.get("approved", ()) if one["kind"] == kind)
        return any(one["valid_until"] is None or one["valid_until"] > true_time() for one in valid)

    async def _submit(self, kind: DocumentKind, subject: str) -> None:
        created = await self._create(kind, subject)
        if created is None or (not self._city.calm and self._chance.random() < 0.1):
            return
        upload, spoilt = created["upload"], not self._city.calm and self._chance.random() < 0.1
        sound = FILES[str(created["content_type"])]
        self._city.objects.put(upload["url"], bytes(len(sound)) if spoilt else sound, upload["headers"])
        click = self._client.draw_click(self._chance, twice=0.4)
        name = str(created["id"])
        outcome = await click(f"submits {name[-6:]}", lambda: documents.submit(name, self._client.user))
        wrong = outcome.answer is not None if spoilt else isinstance(outcome.refusal, Invalid)
        self._city.watch.check(not wrong, "verification", f"{name[-6:]} (spoilt: {spoilt}) got {outcome}")

    async def _create(self, kind: DocumentKind, subject: str) -> Mapping[str, Any] | None:
        self._created += 1
        today = true_time().astimezone(TIME_ZONE).date()
        content_type = "image/jpeg" if self._chance.random() < 0.2 else "application/pdf"
        short = not self._city.calm and self._chance.random() < ONE_DAY
        body = DocumentRequest(
            kind=kind,
            content_type=content_type,  # type: ignore[arg-type]
            size=len(FILES[content_type]),
            expires_on=(today if short else today + timedelta(days=300)).isoformat(),  # type: ignore[arg-type]
            merchant_id=subject if kind in OF_SHOPS else None,
        )
        key = self._client.key("/me/documents", str(self._created), str(body.expires_on))
        click = self._client.draw_click(self._chance, twice=0.4)
        outcome = await click(
            f"creates {kind.value}", lambda: documents.create(body, self._client.user, key), key
        )
        near_midnight = abs(self._city.now() - MIDNIGHT_S) < 2 * MAX_SKEW_S
        another_day = true_time().astimezone(TIME_ZONE).date() != today
        over = isinstance(outcome.refusal, ExpiryOutOfRange) and (near_midnight or another_day)
        self._city.watch.check(
            outcome.fits(TooManyDocuments) or over,
            "22",
            f"{self._uid} cannot create a document: {outcome.refusal!r}",
        )
        return outcome.answer

    async def _open_again(self, subject: str) -> None:
        """Open the shop again if it was closed without a licence and stayed closed for two looks."""
        shop = self._city.store.of("merchants")[subject]
        self._closed = (
            0 if shop["open"] or not shop["approved"] or not shop["menu_version"] else self._closed + 1
        )
        if self._closed > 2:
            await self._client.insist("opens again", lambda: catalogue.open_shop(subject, self._client.user))
