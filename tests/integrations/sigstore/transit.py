"""A key that never leaves its home: a strict little stand-in of HashiCorp Vault's transit engine, and a client of it.

securesystemslib's own client (`hv:`) needs hvac; this one is registered under a scheme of the tests and asks the same two
questions. Forms: developer.hashicorp.com/vault/api-docs/secret/transit, "Read key" and "Sign data".
"""

from __future__ import annotations

import base64
import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.signer._key import Key, SSlibKey
from securesystemslib.signer._signature import Signature
from securesystemslib.signer._signer import SecretsHandler, Signer

SCHEME = "transit-of-tests"
TOKEN = "s.tokenoftests"


class Transit:
    """One engine with Ed25519 keys by name and version, running until `close`. `sealed`: it answers 503."""

    def __init__(self) -> None:
        self.keys: dict[str, list[Ed25519PrivateKey]] = {}
        self.sealed = False
        transit = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply(*transit.answer("GET", self.path, self.headers["X-Vault-Token"] or "", {}))

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.reply(*transit.answer("POST", self.path, self.headers["X-Vault-Token"] or "", asked))

            def reply(self, status: int, said: dict[str, Any]) -> None:
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is written down."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.port = self._server.server_port

    def rotate(self, name: str) -> Ed25519PrivateKey:
        """A new version of the key."""
        self.keys.setdefault(name, []).append(Ed25519PrivateKey.generate())
        return self.keys[name][-1]

    def answer(self, method: str, path: str, token: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        *engine, verb, name = path.strip("/").split("/")
        if engine != ["v1", "transit"] or name not in self.keys or (method, verb) not in {("GET", "keys"), ("POST", "sign")}:
            return 404, {"errors": []}
        if verb == "keys":
            versions = {str(at): {"public_key": _public(key)} for at, key in enumerate(self.keys[name], 1)}
            return 200, {"data": {"type": "ed25519", "keys": versions}}
        version = asked.get("key_version", len(self.keys[name]))
        if set(asked) - {"input", "key_version"} or not 1 <= version <= len(self.keys[name]):
            return 400, {"errors": ["invalid request"]}
        signature = self.keys[name][version - 1].sign(base64.b64decode(asked["input"], validate=True))
        return 200, {"data": {"signature": f"vault:v{version}:{base64.b64encode(signature).decode()}"}}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


class TransitSigner(Signer):
    """`transit-of-tests:PORT/NAME/VERSION`; the token comes from whoever keeps the secrets."""

    def __init__(self, address: str, public_key: SSlibKey, token: str) -> None:
        self._port, self._name, self._version = address.split("/")
        self._public_key = public_key
        self._token = token

    @property
    def public_key(self) -> SSlibKey:
        return self._public_key

    @classmethod
    def from_priv_key_uri(
        cls, priv_key_uri: str, public_key: Key, secrets_handler: SecretsHandler | None = None
    ) -> TransitSigner:
        if not isinstance(public_key, SSlibKey) or secrets_handler is None:
            raise ValueError("a key and its secrets are needed")
        return cls(priv_key_uri.removeprefix(f"{SCHEME}:"), public_key, secrets_handler("token"))

    def sign(self, payload: bytes) -> Signature:
        asked = {"input": base64.b64encode(payload).decode(), "key_version": int(self._version)}
        url = f"http://127.0.0.1:{self._port}/v1/transit/sign/{self._name}"
        request = urllib.request.Request(url, json.dumps(asked).encode(), {"X-Vault-Token": self._token})
        try:
            with urllib.request.urlopen(request) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            error.close()
            raise
        return Signature(self.public_key.keyid, base64.b64decode(said["data"]["signature"].split(":")[2]).hex())
