"""Builds what `accounts_api` needs, on first use."""

from functools import cache

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreAccounts, FirestoreInbox, FirestoreReviews
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.pubsub import PubSubPublisher
from shared.edge.settings import Settings


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def tokens() -> FirebaseTokens:
    """Return the verifier of ID tokens."""
    return FirebaseTokens(settings().google_cloud_project, settings().firebase_auth_emulator_host)


@cache
def _store() -> DocumentStore:
    project = settings().google_cloud_project
    publisher = PubSubPublisher(project, settings().pubsub_emulator_host)
    return DocumentStore(FirestoreDatabase(project), publisher)


@cache
def accounts() -> FirestoreAccounts:
    """Return the people and their devices."""
    return FirestoreAccounts(_store())


@cache
def inbox() -> FirestoreInbox:
    """Return the notifications that people got."""
    return FirestoreInbox(_store().database)


@cache
def reviews() -> FirestoreReviews:
    """Return what people wrote about one another."""
    return FirestoreReviews(_store())
