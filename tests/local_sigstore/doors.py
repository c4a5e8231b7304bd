"""The authority and the log behind HTTP, as the real client asks them."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.local_sigstore.authority import Authority, Claim
from tests.local_sigstore.log import Log

TOKEN_KEY = "a key of the stand-in's own identity provider"


@dataclass
class Doors:
    """One port for both services. `late` is how long after the signature the log says that it took the entry."""

    authority: Authority
    log: Log
    late: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        doors = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, kind, answer = doors.answer(self.path, asked, self.headers["Authorization"] or "")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is written down."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, asked: dict[str, Any], authorization: str) -> tuple[int, str, bytes]:
        if path == "/api/v2/signingCert":
            return 200, "application/json", self._certificates(asked, authorization.removeprefix("Bearer "))
        if path == "/api/v1/log/entries":
            return 201, "application/json", json.dumps(self.log.add(asked, wall_clock() + self.late)).encode()
        return 404, "application/json", b'{"message": "not modelled"}'

    def _certificates(self, asked: dict[str, Any], token: str) -> bytes:
        said = jwt.decode(token, TOKEN_KEY, algorithms=["HS256"], audience="sigstore")
        request = x509.load_pem_x509_csr(base64.b64decode(asked["certificateSigningRequest"]))
        key = request.public_key()
        if not request.is_signature_valid or not isinstance(key, ec.EllipticCurvePublicKey):
            raise ValueError("the request is not signed by its own key")
        certificate = self.authority.issue(key, Claim(said["sub"], said["iss"], wall_clock()))
        chain = [one.public_bytes(Encoding.PEM).decode() for one in (certificate, self.authority.root)]
        return json.dumps({"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def wall_clock() -> datetime:
    """The real client compares certificates and tokens with the machine's clock, so the stand-in must share it."""
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - see above
