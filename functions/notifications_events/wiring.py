"""Builds what `notifications_events` needs, on first use."""

from functools import cache

from shared.adapters.fcm import SCOPE, FcmPush
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.notifications import FirestoreDevices, FirestoreInbox
from shared.adapters.google_tokens import access_tokens
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings


class NotificationSettings(Settings):
    """Where the push service is."""

    fcm_api_url: str = "https://fcm.googleapis.com"


@cache
def settings() -> NotificationSettings:
    """Return the settings of this process."""
    return NotificationSettings()


@cache
def _database() -> FirestoreDatabase:
    return FirestoreDatabase(settings().google_cloud_project)


@cache
def devices() -> FirestoreDevices:
    """Return the devices of users."""
    return FirestoreDevices(_database())


@cache
def inbox() -> FirestoreInbox:
    """Return the inboxes of users."""
    return FirestoreInbox(_database())


@cache
def push() -> FcmPush:
    """Return the push service."""
    url = settings().fcm_api_url
    return FcmPush(url, settings().google_cloud_project, access_tokens(url, SCOPE))


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_database().ping),
        "push": Dependency(push().ping, needed=False),
    }
