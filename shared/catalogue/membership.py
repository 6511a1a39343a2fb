"""The membership of a person in the staff of a merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StaffRole(StrEnum):
    """The role of a member of staff."""

    OWNER = "owner"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Membership:
    """A person (`uid`) belongs to the staff of a merchant. `by` is the person who added them.

    The document exists exactly as long as the person belongs to the staff.
    """

    merchant_id: str
    uid: str
    role: StaffRole
    since: datetime
    by: str
