"""When things happen in the examples: minutes after the order was placed."""

from datetime import UTC, datetime, timedelta

PLACED_AT = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
"""Half past twelve in Bengaluru: lunch."""

DAY = 24 * 60


def after(minutes: float) -> str:
    """Return the time so many minutes after the order was placed, as answers show it."""
    return (PLACED_AT + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
