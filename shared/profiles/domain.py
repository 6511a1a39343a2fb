"""What people find in their inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One notification as its reader finds it again."""

    id: str
    event_id: str
    template: str
    title: str
    body: str
    order_id: str
    at: datetime
    read: bool = False
