"""The storage provider, which starts and stops as one object; its objects are in memory.

It also implements `signBlob` of the IAM Credentials API, because it has the key of signed URLs.
References: https://cloud.google.com/storage/docs/xml-api/put-object,
https://cloud.google.com/storage/docs/json_api/v1/objects
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Collection
from dataclasses import asdict
from itertools import count
from urllib.parse import unquote
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.clock import Clock, SystemClock, pause_unless
from emulators.cross_origin import CrossOrigin
from emulators.providers.hang_up import CuttableProtocol, hang_up
from emulators.providers.script import Action, Rule, Script, ScriptError
from emulators.providers.storage import client_sdk
from emulators.providers.storage.files import (
    Files,
    StoredObject,
    check_generation,
    check_length,
    parse_multipart,
)
from emulators.providers.storage.signing import Refusal, SignedRequest, SigningKey, check_signature
from emulators.serving import AppServer

MAX_OBJECT = 32 * 1024 * 1024
_NETWORK_FAULTS = frozenset({Action.FAIL, Action.TIMEOUT, Action.DROP, Action.DELAY})
FAULTS = {"object": _NETWORK_FAULTS, "api": _NETWORK_FAULTS, "sign": _NETWORK_FAULTS}


class StorageProvider:
    """The store on 127.0.0.1; port 0 selects a free port, see `url`.

    Pages of `origins` may upload and download by signed URL, as the CORS settings of the bucket let them.
    """

    def __init__(self, port: int, *, clock: Clock | None = None, origins: Collection[str] = ()) -> None:
        self._clock = clock or SystemClock()
        self._script = Script(FAULTS)
        self._closing = asyncio.Event()
        self._key = SigningKey()
        self._files = Files(count(1))
        app = Starlette(
            routes=[
                Route("/storage/v1/b/{bucket}/o/{name:path}", self._api, methods=["GET", "DELETE"]),
                Route("/download/storage/v1/b/{bucket}/o/{name:path}", self._api, methods=["GET"]),
                Route("/upload/storage/v1/b/{bucket}/o", self._upload, methods=["POST"]),
                Route("/v1/projects/-/serviceAccounts/{account}:signBlob", self._sign, methods=["POST"]),
                Route("/_control/state", self._state, methods=["GET"]),
                Route("/_control/script", self._add_rule, methods=["POST"]),
                Route("/_control/script", self._reset, methods=["DELETE"]),
                *client_sdk.routes(),
                Route("/{bucket}/{name:path}", self._object, methods=["GET", "PUT"]),
            ],
            middleware=[Middleware(CrossOrigin, origins=origins)],
        )
        app.router.redirect_slashes = False
        self._server = AppServer(app, port, CuttableProtocol)

    @property
    def url(self) -> str:
        """The base URL while running."""
        return self._server.url

    async def start(self) -> None:
        """Start to answer requests. Idempotent. Raises OSError when the port is taken."""
        self._closing.clear()
        await self._server.start()

    async def stop(self) -> None:
        """Stop, and return when nothing runs any more. Idempotent."""
        self._closing.set()
        await self._server.stop()

    async def _object(self, request: Request) -> Response:
        """Answer a request with a signed URL."""
        if fault := await self._fault("object", request):
            return fault
        path = str(request.scope["raw_path"].decode("ascii")).partition("?")[0]
        query = request.scope["query_string"].decode("ascii")
        signed_request = SignedRequest(request.method, path, query, dict(request.headers))
        name = f"{request.path_params['bucket']}/{unquote(path.split('/', 2)[2])}"
        try:
            check_signature(signed_request, self._key, self._clock.now())
            return await self._put(name, request) if request.method == "PUT" else self._get(name, request)
        except Refusal as refusal:
            return _refused(refusal)

    async def _put(self, name: str, request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_OBJECT:
                raise Refusal(400, "EntityTooLarge", "The object is too large.")
        check_length(request.headers.get("x-goog-content-length-range"), len(body))
        check_generation(request.headers.get("x-goog-if-generation-match"), self._files.find(name))
        content_type = request.headers.get("content-type", "application/octet-stream")
        stored = self._files.put(name, bytes(body), content_type)
        return Response(status_code=200, headers={"x-goog-generation": str(stored.generation)})

    def _get(self, name: str, request: Request) -> Response:
        found = self._files.find(name, request.query_params.get("generation"))
        if found is None:
            raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
        return Response(found.data, media_type=found.content_type)

    async def _api(self, request: Request) -> Response:
        """Answer a request of a function, with an access token."""
        if fault := await self._fault("api", request):
            return fault
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _failed(401, "Anonymous caller does not have access.")
        name = f"{request.path_params['bucket']}/{request.path_params['name']}"
        found = self._files.find(name, request.query_params.get("generation"))
        if found is None:
            return _failed(404, "No such object.")
        if request.method == "DELETE":
            self._files.remove(name)
            return Response(status_code=204)
        if request.query_params.get("alt") == "media":
            return Response(found.data, media_type=found.content_type)
        return JSONResponse(_metadata(name, found))

    async def _upload(self, request: Request) -> Response:
        """Put an object with its metadata, as a function does (`uploadType=multipart`)."""
        if fault := await self._fault("api", request):
            return fault
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _failed(401, "Anonymous caller does not have access.")
        try:
            metadata, data = parse_multipart(request.headers.get("content-type", ""), await request.body())
            name = f"{request.path_params['bucket']}/{metadata['name']}"
            check_generation(request.query_params.get("ifGenerationMatch"), self._files.find(name))
        except Refusal as refusal:
            return _failed(refusal.status, refusal.message)
        stored = self._files.put(name, data, str(metadata.get("contentType", "")), metadata.get("metadata"))
        return JSONResponse(_metadata(name, stored))

    async def _sign(self, request: Request) -> Response:
        """Sign the payload for a service account."""
        if fault := await self._fault("sign", request):
            return fault
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _failed(401, "Request is missing required authentication credential.")
        try:
            payload = base64.b64decode(json.loads(await request.body())["payload"], validate=True)
        except (ValueError, KeyError, TypeError, binascii.Error):
            return _failed(400, "Invalid payload.")
        signature = base64.b64encode(self._key.sign(payload)).decode()
        return JSONResponse({"keyId": "local", "signedBlob": signature})

    async def _fault(self, target: str, request: Request) -> Response | None:
        """Return the answer of a scripted fault, after its pause; None to continue."""
        rule = self._script.take((target,), {"method": request.method})
        if rule is None:
            return None
        if rule.action is Action.DROP:
            return await hang_up(request)
        if rule.action is Action.FAIL:
            return _failed(503, "Backend error.")
        await self._pause(rule)
        return None

    async def _pause(self, rule: Rule) -> None:
        await pause_unless(self._clock, rule.delay_seconds, self._closing)

    async def _state(self, _: Request) -> Response:
        return JSONResponse({"objects": self._files.view(), "script": self._script.view()})

    async def _add_rule(self, request: Request) -> Response:
        try:
            rule = self._script.add(await request.body())
        except ScriptError as error:
            return JSONResponse({"error": {"message": str(error)}}, 400)
        return JSONResponse(asdict(rule), 201)

    async def _reset(self, _: Request) -> Response:
        self._script.reset()
        return Response(status_code=204)


def _metadata(name: str, found: StoredObject) -> dict[str, object]:
    bucket, _, rest = name.partition("/")
    return {
        "kind": "storage#object",
        "bucket": bucket,
        "name": rest,
        "generation": str(found.generation),
        "contentType": found.content_type,
        "size": str(len(found.data)),
        "md5Hash": found.md5,
        **({"metadata": dict(found.metadata)} if found.metadata else {}),
    }


def _refused(refusal: Refusal) -> Response:
    code, message = escape(refusal.code), escape(refusal.message)
    xml = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(
        f"<?xml version='1.0' encoding='UTF-8'?>{xml}", refusal.status, media_type="application/xml"
    )


def _failed(status: int, message: str) -> Response:
    return JSONResponse({"error": {"code": status, "message": message}}, status)
