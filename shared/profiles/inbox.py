"""The read marks of a user's notifications."""

from __future__ import annotations

from shared.kernel.errors import NotFound


class NotificationNotFound(NotFound):
    """There is no such notification, or it is not yours."""

    code = "NOTIFICATION_NOT_FOUND"
    detail = "There is no such notification, or it is not yours."
