"""Builds what `dispatch_api` needs, on first use."""

from functools import cache

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.redis_geo import RedisDriverIndex
from shared.adapters.redis_map import connect
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
def _documents() -> DocumentStore:
    project = settings().google_cloud_project
    publisher = PubSubPublisher(project, settings().pubsub_emulator_host)
    return DocumentStore(FirestoreDatabase(project), publisher)


@cache
def roles() -> FirestoreRoles:
    """Return the role book."""
    return FirestoreRoles(_documents().database)


@cache
def store() -> FirestoreDispatch:
    """Return orders, offers and drivers."""
    return FirestoreDispatch(_documents())


@cache
def index() -> RedisDriverIndex:
    """Return the map of drivers."""
    return RedisDriverIndex(connect(settings().redis_url))
