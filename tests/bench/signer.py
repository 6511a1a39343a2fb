"""A token service of the benchmark's own: one RSA key, tokens signed by it, and its public half by HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = "demo-waybill"
KEY_ID = "bench"
LIFETIME_S = 3_600


class Signer:
    """Signs ID tokens as Firebase does (RS256, 2,048 bits)."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)

    def token(self, uid: str, number: int = 0) -> str:
        """Return a token of a person whose e-mail and phone are verified; each number gives another."""
        now = int(time.time())
        claims = {
            "iss": f"https://securetoken.google.com/{PROJECT}",
            "aud": PROJECT,
            "sub": uid,
            "user_id": uid,
            "auth_time": now - 60 - number,
            "iat": now - 10,
            "exp": now + LIFETIME_S,
            "name": "Asha Rao",
            "email": "asha@example.com",
            "email_verified": True,
            "phone_number": "+911234567890",
            "firebase": {"identities": {"phone": ["+911234567890"]}, "sign_in_provider": "phone"},
        }
        return jwt.encode(claims, self._key, "RS256", headers={"kid": KEY_ID})

    def jwks(self) -> bytes:
        """Return the public key as a JSON Web Key Set."""
        public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return json.dumps({"keys": [public | {"kid": KEY_ID, "alg": "RS256", "use": "sig"}]}).encode()


@contextmanager
def key_service(signer: Signer) -> Iterator[str]:
    """Serve the public key while the context lasts; yields its URL."""
    body = signer.jwks()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing: the terminal shows the figures."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/jwks.json"
        finally:
            server.shutdown()
            thread.join()
