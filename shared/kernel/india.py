"""What holds where an operator or a merchant names nothing else: Waybill runs in India."""

from __future__ import annotations

INDIA = "Asia/Kolkata"
"""The time zone, by its name in the IANA database; `timezones` has its rules."""
