"""The ports of notifications."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from shared.composition.copies import CopyPorts
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings

if TYPE_CHECKING:
    from shared.adapters.fcm import FcmPush
    from shared.adapters.firestore.accounts import FirestoreRoles
    from shared.adapters.firestore.memberships import FirestoreMemberships
    from shared.adapters.firestore.notifications import FirestoreDevices, FirestoreInbox


class PushSettings(Settings):
    """The settings of the push service."""

    fcm_api_url: str = "https://fcm.googleapis.com"


class NotificationsPorts(CopyPorts):
    """The ports of the functions that notify users."""

    @cached_property
    def devices(self) -> FirestoreDevices:
        """Return the devices of users."""
        from shared.adapters.firestore.notifications import FirestoreDevices

        return FirestoreDevices(self.database, self.copies)

    @cached_property
    def memberships(self) -> FirestoreMemberships:
        """Return the staff of merchants."""
        from shared.adapters.firestore.memberships import FirestoreMemberships

        return FirestoreMemberships(self.database, self.copies)

    @cached_property
    def operators(self) -> FirestoreRoles:
        """Return the people of support and administration."""
        from shared.adapters.firestore.accounts import FirestoreRoles

        return FirestoreRoles(self.database)

    @cached_property
    def inbox(self) -> FirestoreInbox:
        """Return the inboxes of users."""
        from shared.adapters.firestore.notifications import FirestoreInbox

        return FirestoreInbox(self.database)

    @cached_property
    def push(self) -> FcmPush:
        """Return the push service."""
        return self.runtime.external("push", self._open_push)

    def _open_push(self) -> FcmPush:
        from shared.adapters.fcm import SCOPE, FcmPush
        from shared.adapters.google_tokens import access_tokens

        settings = self.runtime.settings(PushSettings)
        url = settings.fcm_api_url
        return FcmPush(url, settings.google_cloud_project, access_tokens(url, SCOPE))

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` checks; without the push service, inboxes are still filled."""
        return {**super().dependencies, "push": Dependency(self.push.ping, needed=False)}
