"""Somebody's papers: drafted, uploaded, handed in, and renewed when they have ended or were refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from functions.verification_api.schemas import DocumentRequest
from shared.kernel.errors import Invalid
from shared.verification.domain import DocumentKind, ExpiryOutOfRange, TooManyDocuments
from tests.fakes.storage import JPEG
from tests.simulation.actors.city import City
from tests.simulation.host import MAX_SKEW_S
from tests.simulation.lapse import DAYS, MIDNIGHT_S
from tests.simulation.process import true_time
from tests.simulation.served import served

catalogue = served("catalogue_api.routes")
documents = served("verification_api.routes")

SHARE = 0.08
LOOKS_EVERY_S = 9.0
ONE_DAY = 0.3
"""How many hand in something that ends this very day."""
FILES = {"application/pdf": b"%PDF-1.7\n" + bytes(40) + b"\n%%EOF", "image/jpeg": JPEG}
OF_DRIVERS = (DocumentKind.DRIVING_LICENCE, DocumentKind.IDENTITY)
OF_SHOPS = (DocumentKind.FOOD_LICENCE,)


class Papers:
    """Has what is needed to drive, or to sell; others hand something in now and then."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(f"papers {uid}")
        self._drafts = 0
        self._shut = 0

    async def live(self) -> None:
        """Hand in what is missing, whenever the app says so."""
        scenario = self._city.scenario
        works = self._uid in (*scenario.drivers, *scenario.merchants)
        if not (works and scenario.papers) and not scenario.acts("papers", self._uid, SHARE):
            return
        kinds = OF_SHOPS if self._uid in scenario.merchants else OF_DRIVERS
        while not self._city.calm or scenario.papers:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            subject = self._shop_id() if kinds is OF_SHOPS else self._uid
            missing = [kind for kind in kinds if subject and not self._has(subject, kind)]
            for kind in missing:
                await self._hand_in(kind, subject)
            if kinds is OF_SHOPS and subject and not missing:
                await self._open_again(subject)

    def _shop_id(self) -> str:
        shops = self._city.store.of("merchants").values()
        return next((str(shop["id"]) for shop in shops if shop["owner_id"] == self._uid), "")

    def _has(self, subject: str, kind: DocumentKind) -> bool:
        """Say whether there is a good one, or one that waits for its review."""
        papers = self._city.store.of("papers").get(subject, {})
        waiting = (self._city.store.of("documents").get(id_, {}) for id_ in papers.get("pending", ()))
        if any((one.get("kind"), one.get("state")) == (kind, "submitted") for one in waiting):
            return True
        held = (paper for paper in papers.get("approved", ()) if paper["kind"] == kind)
        return any(paper["valid_until"] is None or paper["valid_until"] > true_time() for paper in held)

    async def _hand_in(self, kind: DocumentKind, subject: str) -> None:
        drafted = await self._draft(kind, subject)
        if drafted is None or (not self._city.calm and self._chance.random() < 0.1):
            return
        upload, spoilt = drafted["upload"], not self._city.calm and self._chance.random() < 0.1
        sound = FILES[str(drafted["content_type"])]
        self._city.files.put(upload["url"], bytes(len(sound)) if spoilt else sound, upload["headers"])
        click = self._client.draw_click(self._chance, twice=0.4)
        name = str(drafted["id"])
        told = await click(f"hands in {name[-6:]}", lambda: documents.submit(name, self._client.user))
        wrong = told.answer is not None if spoilt else isinstance(told.refusal, Invalid)
        self._city.watch.check(not wrong, "paper", f"{name[-6:]} (spoilt: {spoilt}) was told {told}")

    async def _draft(self, kind: DocumentKind, subject: str) -> Mapping[str, Any] | None:
        self._drafts += 1
        today = true_time().astimezone(DAYS).date()
        content_type = "image/jpeg" if self._chance.random() < 0.2 else "application/pdf"
        short = not self._city.calm and self._chance.random() < ONE_DAY
        body = DocumentRequest(
            kind=kind,
            content_type=content_type,  # type: ignore[arg-type]
            size=len(FILES[content_type]),
            expires_on=(today if short else today + timedelta(days=300)).isoformat(),  # type: ignore[arg-type]
            merchant_id=subject if kind in OF_SHOPS else None,
        )
        key = self._client.key("/me/documents", str(self._drafts), str(body.expires_on))
        click = self._client.draw_click(self._chance, twice=0.4)
        told = await click(f"drafts {kind.value}", lambda: documents.draft(body, self._client.user, key), key)
        near_midnight = abs(self._city.now() - MIDNIGHT_S) < 2 * MAX_SKEW_S
        another_day = true_time().astimezone(DAYS).date() != today
        over = isinstance(told.refusal, ExpiryOutOfRange) and (near_midnight or another_day)
        self._city.watch.check(
            told.fits(TooManyDocuments) or over, "22", f"{self._uid} cannot draft: {told.refusal!r}"
        )
        return told.answer

    async def _open_again(self, subject: str) -> None:
        """Open the shop that was shut for want of a licence and stayed so for two looks."""
        shop = self._city.store.of("merchants")[subject]
        self._shut = 0 if shop["open"] or not shop["approved"] or not shop["menu_version"] else self._shut + 1
        if self._shut > 2:
            await self._client.insist("opens again", lambda: catalogue.open_shop(subject, self._client.user))
