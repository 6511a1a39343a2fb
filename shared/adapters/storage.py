"""`DocumentVault` over Google Cloud Storage: signed URLs (V4) for people, the JSON API for us.

A URL is signed by the service account's own key, which never leaves Google: `signBlob` of the IAM
Credentials API signs for whoever has `roles/iam.serviceAccountTokenCreator` on the account.
References: https://cloud.google.com/storage/docs/access-control/signed-urls,
https://cloud.google.com/storage/docs/json_api/v1/objects,
https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from google.auth.credentials import Credentials, Signing
from google.cloud.storage import Client

from shared.adapters.google_tokens import AccessTokens, access_tokens
from shared.verification.files import (
    JPEG,
    MAGIC_BYTES,
    MAX_BYTES,
    READ_TIME,
    UPLOAD_TIME,
    StoredFile,
    Ticket,
)
from shared.verification.ports import FilesUnavailable

STORAGE_URL = "https://storage.googleapis.com"
IAM_URL = "https://iamcredentials.googleapis.com"
DRAWN = "drawn"
"""The name of the mark on pictures that are ours."""

TIMEOUT = httpx.Timeout(10.0, connect=2.0)


@dataclass(frozen=True, slots=True)
class Vault:
    """Where the files are, and the service account (e-mail) in whose name URLs are signed."""

    bucket: str
    signer: str
    storage_url: str = STORAGE_URL
    iam_url: str = IAM_URL


class CloudStorage:
    """One bucket."""

    def __init__(self, vault: Vault, tokens: AccessTokens, client: httpx.AsyncClient) -> None:
        self._vault = vault
        self._tokens = tokens
        self._client = client

    async def ticket(self, name: str, content_type: str, size: int, now: datetime) -> Ticket:
        """See `DocumentVault.ticket`. The headers are signed: another type or size is another request.

        Generation 0 means that nothing lies there yet, so the ticket is good for one upload.
        """
        headers = {
            "content-type": content_type,
            "x-goog-content-length-range": f"{size},{size}",
            "x-goog-if-generation-match": "0",
        }
        url = await self._signed(name, "PUT", UPLOAD_TIME, headers=headers)
        return Ticket("PUT", url, headers, now + UPLOAD_TIME)

    async def inspect(self, name: str) -> StoredFile | None:
        """See `DocumentVault.inspect`; what is read is the generation that the metadata names."""
        found = await self._call("GET", name)
        if found.status_code == httpx.codes.NOT_FOUND:
            return None
        size, generation, drawn = _described(found)
        if size > MAX_BYTES:
            return StoredFile(size, generation, "", b"", drawn)
        content = await self._call("GET", name, alt="media", generation=generation)
        if content.status_code == httpx.codes.NOT_FOUND:
            return None
        return _stored(content.content, generation, drawn)

    async def replace(self, name: str, generation: str, picture: bytes) -> StoredFile | None:
        """See `DocumentVault.replace`; what was there is gone if the bucket keeps neither former versions
        nor what was deleted (no versioning, no soft delete).

        Nobody but us can set the mark: a header that is not in its ticket spoils an upload.
        """
        told = {"name": name, "contentType": JPEG, "metadata": {DRAWN: "yes"}}
        content_type, body = _related(told, picture)
        answer = await self._asked(
            "POST",
            f"/upload/storage/v1/b/{self._vault.bucket}/o",
            {"uploadType": "multipart", "ifGenerationMatch": generation},
            {"Content-Type": content_type},
            body,
        )
        if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.PRECONDITION_FAILED):
            return None
        _, put, drawn = _described(answer)
        return _stored(picture, put, drawn)

    async def read_url(self, name: str, generation: str) -> str:
        """See `DocumentVault.read_url`."""
        return await self._signed(name, "GET", READ_TIME, query_parameters={"generation": generation})

    async def discard(self, name: str) -> None:
        """See `DocumentVault.discard`."""
        await self._call("DELETE", name)

    async def _call(self, method: str, name: str, **params: str) -> httpx.Response:
        """Return the answer about one object: a success, or 404."""
        return await self._asked(
            method, f"/storage/v1/b/{self._vault.bucket}/o/{quote(name, safe='')}", params, {}
        )

    async def _asked(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> httpx.Response:
        """Return an answer that says something: a success, 404, or 412 where another generation is there."""
        url = f"{self._vault.storage_url}{path}"
        known = {**headers, "Authorization": f"Bearer {await self._tokens.current()}"}
        try:
            answer = await self._client.request(method, url, params=params, headers=known, content=body)
        except httpx.RequestError as error:
            raise FilesUnavailable from error
        if not answer.is_success and answer.status_code not in (
            httpx.codes.NOT_FOUND,
            httpx.codes.PRECONDITION_FAILED,
        ):
            raise FilesUnavailable
        return answer

    async def _signed(
        self,
        name: str,
        method: str,
        lifetime: timedelta,
        *,
        headers: Mapping[str, str] | None = None,
        query_parameters: Mapping[str, str] | None = None,
    ) -> str:
        """Return a signed URL; the library blocks while it is signed, hence the thread."""
        key = _RemoteKey(self._vault, await self._tokens.current())

        def sign() -> str:
            blob = Client(project="", credentials=key).bucket(self._vault.bucket).blob(name)
            return str(
                blob.generate_signed_url(
                    version="v4",
                    method=method,
                    expiration=lifetime,
                    headers=dict(headers or {}),
                    query_parameters=dict(query_parameters or {}),
                    api_access_endpoint=self._vault.storage_url,
                    credentials=key,
                )
            )

        return await asyncio.to_thread(sign)


def _described(answer: httpx.Response) -> tuple[int, str, bool]:
    """Return an object's size, its generation and whether it was drawn. Raises `FilesUnavailable`."""
    try:
        said = answer.json()
        return int(said["size"]), str(said["generation"]), (said.get("metadata") or {}).get(DRAWN) == "yes"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FilesUnavailable from error


def _stored(content: bytes, generation: str, drawn: bool) -> StoredFile:
    digest = hashlib.sha256(content).hexdigest()
    return StoredFile(len(content), generation, digest, content[:MAGIC_BYTES], drawn, content)


def _related(told: Mapping[str, Any], picture: bytes) -> tuple[str, bytes]:
    """Return the type and body of an upload with metadata: multipart/related, of RFC 2387."""
    boundary = secrets.token_hex(16)
    head = f"--{boundary}\r\nContent-Type: application/json\r\n\r\n{json.dumps(told)}\r\n"
    head += f"--{boundary}\r\nContent-Type: {told['contentType']}\r\n\r\n"
    body = head.encode() + picture + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/related; boundary={boundary}", body


def cloud_storage(vault: Vault) -> CloudStorage:
    """Return the adapter for a bucket of Google's, or of the emulator on this machine."""
    client = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
    return CloudStorage(vault, access_tokens(vault.storage_url), client)


class _RemoteKey(Credentials, Signing):
    """The key of the service account, held by Google: signs one thing at a time, over the network."""

    def __init__(self, vault: Vault, token: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = token
        self._vault = vault

    @property
    def signer_email(self) -> str:
        return self._vault.signer

    @property
    def signer(self) -> Any:
        return self

    def refresh(self, request: Any) -> None:
        raise NotImplementedError("the token is fresh")

    def sign_bytes(self, message: bytes) -> bytes:
        """Return the signature. Raises `FilesUnavailable`."""
        url = f"{self._vault.iam_url}/v1/projects/-/serviceAccounts/{self._vault.signer}:signBlob"
        body = {"payload": base64.b64encode(message).decode()}
        access = {"Authorization": f"Bearer {self.token}"}
        try:
            answer = httpx.post(url, json=body, headers=access, timeout=TIMEOUT, trust_env=False)
            return base64.b64decode(answer.raise_for_status().json()["signedBlob"], validate=True)
        except (httpx.HTTPError, ValueError, KeyError, TypeError, binascii.Error) as error:
            raise FilesUnavailable from error
