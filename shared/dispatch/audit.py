"""What operators do with drivers, as the audit log names it."""

from __future__ import annotations

from enum import StrEnum


class DriverAction(StrEnum):
    """What an operator did with a driver."""

    READ = "driver_read"
    APPROVED = "driver_approved"
    REJECTED = "driver_rejected"
    SUSPENDED = "driver_suspended"
