"""What operators do with drivers and with the search for one, as the audit log names it."""

from __future__ import annotations

from enum import StrEnum


class DriverAction(StrEnum):
    """What an operator did with a driver."""

    READ = "driver_read"
    APPROVED = "driver_approved"
    REJECTED = "driver_rejected"
    SUSPENDED = "driver_suspended"


class SearchAction(StrEnum):
    """What an operator did with the search for an order's driver."""

    DRIVER_CHOSEN = "driver_chosen"
    SEARCH_RESTARTED = "search_restarted"
