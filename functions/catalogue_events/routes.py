"""The handlers of events that change a merchant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.catalogue.usecases.check_licence import CheckLicence, check_licence
from shared.catalogue.usecases.count_review import CountReview, count_review
from shared.composition.merchants import MerchantPorts
from shared.edge.events import EventHandler
from shared.kernel.event import Event
from shared.reviews.events import ReviewPosted
from shared.verification.events import (
    DocumentApproved,
    DocumentEvent,
    DocumentExpired,
    DocumentRejected,
)

OF_MERCHANTS = "customer_of_merchant"
MERCHANT = "merchant"


async def review_posted(event: ReviewPosted, ports: MerchantPorts, _: datetime) -> None:
    """Count a review of a merchant; ignore other reviews."""
    if event.side == OF_MERCHANTS:
        command = CountReview(event.subject_id, event.review_id, event.stars)
        await count_review(command, merchants=ports.merchants)


async def document_changed(event: DocumentEvent, ports: MerchantPorts, now: datetime) -> None:
    """Close the merchant when it has no valid licence; ignore documents of persons."""
    if event.subject_kind == MERCHANT:
        command, licences = CheckLicence(event.subject_id), ports.licences
        await check_licence(command, merchants=ports.merchants, licences=licences, now=now)


HANDLERS: Mapping[type[Event], EventHandler] = {
    ReviewPosted: review_posted,
    DocumentApproved: document_changed,
    DocumentRejected: document_changed,
    DocumentExpired: document_changed,
}
