"""The ports of profiles."""

from __future__ import annotations

from functools import cached_property

from shared.composition.copies import CopyPorts
from shared.composition.documents import DocumentPorts
from shared.edge.environment import Secret
from shared.edge.settings import Settings
from shared.identity.ports import SecurityStore
from shared.profiles.ports import AddressStore, DeviceStore, Geocoder, Inbox, ProfileStore


class GeocoderSettings(Settings):
    """The geocoding service, and our API key for it."""

    maps_api_url: str = "https://maps.googleapis.com"
    maps_api_key: Secret


class ProfilesPorts(CopyPorts, DocumentPorts):
    """What profiles, devices, addresses and the inbox need."""

    @cached_property
    def profiles(self) -> ProfileStore:
        """Return the profiles."""
        from shared.adapters.firestore.profiles import FirestoreProfiles

        return FirestoreProfiles(self.documents)

    @cached_property
    def devices(self) -> DeviceStore:
        """Return the devices."""
        from shared.adapters.firestore.profiles import FirestoreDeviceStore

        return FirestoreDeviceStore(self.documents)

    @cached_property
    def addresses(self) -> AddressStore:
        """Return the addresses."""
        from shared.adapters.firestore.addresses import FirestoreAddresses

        return FirestoreAddresses(self.documents)

    @cached_property
    def inbox(self) -> Inbox:
        """Return the inbox."""
        from shared.adapters.firestore.profiles import FirestoreInbox

        return FirestoreInbox(self.database)

    @cached_property
    def security(self) -> SecurityStore:
        """Return the accounts, in which reading a profile records the session."""
        from shared.adapters.firestore.identity import FirestoreSecurity

        return FirestoreSecurity(self.documents)

    @cached_property
    def geocoder(self) -> Geocoder:
        """Return the geocoder."""
        return self.runtime.external("geocoder", self._open_geocoder)

    def _open_geocoder(self) -> Geocoder:
        from shared.adapters.maps import GoogleMaps

        settings = self.runtime.settings(GeocoderSettings)
        return GoogleMaps(settings.maps_api_url, settings.maps_api_key.reveal())
