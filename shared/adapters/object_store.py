"""`ObjectStore` over Google Cloud Storage, by Google's libraries: signed URLs (V4) and the JSON API.

The service account's key never leaves Google: `google.auth.iam.Signer` signs a URL by the IAM method
`signBlob`, for which the function needs `roles/iam.serviceAccountTokenCreator` on the account. The
libraries block, so each call runs in a thread; the client is built once, in the first of them.
References: https://cloud.google.com/storage/docs/access-control/signed-urls,
https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import google.auth
import requests
from google.api_core.exceptions import GoogleAPICallError, NotFound, PreconditionFailed
from google.auth.exceptions import GoogleAuthError
from google.auth.iam import Signer
from google.auth.transport.requests import AuthorizedSession
from google.auth.transport.requests import Request as AuthRequest
from google.cloud.storage import Blob, Client
from google.oauth2.credentials import Credentials as TokenCredentials
from google.oauth2.service_account import Credentials as SigningCredentials

from shared.adapters.google_tokens import PLATFORM, is_local
from shared.verification.files import (
    JPEG,
    MAGIC_BYTES,
    MAX_BYTES,
    READ_TIME,
    UPLOAD_TIME,
    SignedUpload,
    StoredFile,
)
from shared.verification.ports import FilesUnavailable

STORAGE_URL = "https://storage.googleapis.com"
IAM_URL = "https://iamcredentials.googleapis.com"
RE_ENCODED = "re-encoded"
"""The metadata key of images that the upload processor wrote."""

TIMEOUT_SECONDS = 2.0, 10.0
"""For the connection and for each read."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Bucket:
    """The bucket of the files, and the service account (e-mail) that signs their URLs."""

    name: str
    signer: str
    storage_url: str = STORAGE_URL
    iam_url: str = IAM_URL


class CloudObjectStore:
    """One bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._google: _Google | None = None
        self._opening = threading.Lock()

    async def sign_upload(self, name: str, content_type: str, size: int, now: datetime) -> SignedUpload:
        """See `ObjectStore.sign_upload`; the signature covers the headers, so type and size are fixed.

        Generation 0 means that no object exists, so the URL is good for one upload.
        """
        headers = {
            "content-type": content_type,
            "x-goog-content-length-range": f"{size},{size}",
            "x-goog-if-generation-match": "0",
        }
        url = await self._call(lambda google: google.signed(name, "PUT", UPLOAD_TIME, headers=headers))
        return SignedUpload("PUT", url, headers, now + UPLOAD_TIME)

    async def inspect(self, name: str) -> StoredFile | None:
        """See `ObjectStore.inspect`; the read names the generation that the metadata has."""
        return await self._call(lambda google: google.inspect(name))

    async def replace(self, name: str, generation: str, image: bytes) -> StoredFile | None:
        """See `ObjectStore.replace`.

        The bucket must keep no former versions and no deleted objects (no versioning, no soft delete).
        A client cannot set the mark itself: a header that its signed URL does not name is refused.
        """
        return await self._call(lambda google: google.replace(name, generation, image))

    async def sign_download(self, name: str, generation: str) -> str:
        """See `ObjectStore.sign_download`."""
        query = {"generation": generation}
        return await self._call(lambda google: google.signed(name, "GET", READ_TIME, query_parameters=query))

    async def delete(self, name: str) -> None:
        """See `ObjectStore.delete`."""
        await self._call(lambda google: google.delete(name))

    async def _call(self, use: Callable[[_Google], R]) -> R:
        """Return what `use` returns, in a thread. Raises `FilesUnavailable` for any failure."""

        def run() -> R:
            with self._opening:
                self._google = self._google or _Google(self._bucket)
            return use(self._google)

        try:
            return await asyncio.to_thread(run)
        except (GoogleAPICallError, GoogleAuthError, requests.RequestException) as error:
            raise FilesUnavailable from error


class _Google:
    """The open client and the signing credentials of one bucket; all methods block."""

    def __init__(self, bucket: Bucket) -> None:
        credentials = _credentials(bucket.storage_url)
        session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
        session.trust_env = False
        client = Client(
            project="",
            credentials=credentials,
            _http=session,
            client_options={"api_endpoint": bucket.storage_url},
        )
        self._bucket = client.bucket(bucket.name)
        self._storage_url = bucket.storage_url
        signer = Signer(_iam_request(bucket.iam_url), credentials, bucket.signer)  # type: ignore[no-untyped-call]
        self._signing = SigningCredentials(signer, bucket.signer, token_uri="")  # type: ignore[no-untyped-call]

    def signed(
        self,
        name: str,
        method: str,
        lifetime: timedelta,
        *,
        headers: Mapping[str, str] | None = None,
        query_parameters: Mapping[str, str] | None = None,
    ) -> str:
        return str(
            self._bucket.blob(name).generate_signed_url(
                version="v4",
                method=method,
                expiration=lifetime,
                headers=dict(headers or {}),
                query_parameters=dict(query_parameters or {}),
                api_access_endpoint=self._storage_url,
                credentials=self._signing,
            )
        )

    def inspect(self, name: str) -> StoredFile | None:
        found = self._bucket.get_blob(name, timeout=TIMEOUT_SECONDS, retry=None)
        if found is None:
            return None
        if found.size > MAX_BYTES:
            return StoredFile(found.size, str(found.generation), "", b"", _re_encoded(found))
        read = self._bucket.blob(name, generation=found.generation)
        try:
            content = read.download_as_bytes(timeout=TIMEOUT_SECONDS, retry=None)
        except NotFound:
            return None
        return _stored(found, content)

    def replace(self, name: str, generation: str, image: bytes) -> StoredFile | None:
        blob = self._bucket.blob(name)
        blob.metadata = {RE_ENCODED: "yes"}
        try:
            blob.upload_from_string(
                image,
                content_type=JPEG,
                if_generation_match=int(generation),
                timeout=TIMEOUT_SECONDS,
                retry=None,
            )
        except (NotFound, PreconditionFailed):
            return None
        return _stored(blob, image)

    def delete(self, name: str) -> None:
        try:
            self._bucket.delete_blob(name, timeout=TIMEOUT_SECONDS, retry=None)
        except NotFound:
            return


def _credentials(storage_url: str) -> Any:
    """Return the function's own credentials, or for an emulator a token that it accepts."""
    if is_local(storage_url):
        return TokenCredentials("owner")  # type: ignore[no-untyped-call]
    found, _ = google.auth.default(scopes=[PLATFORM])
    return found


def _iam_request(iam_url: str) -> Callable[..., Any]:
    """Return the transport of the signer, which knows Google's address alone: an emulator has another."""
    session = requests.Session()
    session.trust_env = False
    send = AuthRequest(session)

    def request(url: str, **arguments: Any) -> Any:
        return send(url.replace(IAM_URL, iam_url, 1), **{"timeout": TIMEOUT_SECONDS, **arguments})

    return request


def _re_encoded(blob: Blob) -> bool:
    return (blob.metadata or {}).get(RE_ENCODED) == "yes"


def _stored(blob: Blob, content: bytes) -> StoredFile:
    digest = hashlib.sha256(content).hexdigest()
    return StoredFile(
        len(content), str(blob.generation), digest, content[:MAGIC_BYTES], _re_encoded(blob), content
    )
