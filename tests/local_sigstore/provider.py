"""An identity provider with a page to log in at: OpenID Connect's code flow with PKCE (RFC 7636), strict about both.

Whoever comes is logged in as the person that the test names; `refusing`: as nobody.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CODE = "a code of this one login"


class Provider:
    """Running until `close`. `token` makes the identity token of who logs in."""

    def __init__(self, token: Callable[[], str], refusing: bool = False) -> None:
        self.token, self.refusing = token, refusing
        self.challenge = self.redirect = ""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                if asked.path == "/.well-known/openid-configuration":
                    endpoints = {f"{name}_endpoint": f"{provider.url}/{name}" for name in ("authorization", "token")}
                    return self.reply(200, endpoints)
                if asked.path == "/authorization":
                    return self.reply(302, {}, provider.log_in({key: one for key, (one,) in parse_qs(asked.query).items()}))
                return self.reply(404, {})

            def do_POST(self) -> None:
                form = {
                    key: one for key, (one,) in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
                }
                good = self.path == "/token" and provider.redeems(form)
                self.reply(*(200, {"access_token": provider.token()}) if good else (400, {"error": "invalid_grant"}))

            def reply(self, status: int, said: dict[str, Any], location: str = "") -> None:
                content = json.dumps(said).encode()
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is written down."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def log_in(self, asked: dict[str, str]) -> str:
        """Where the person is sent back to."""
        if asked["response_type"] != "code" or asked["code_challenge_method"] != "S256" or "openid" not in asked["scope"]:
            raise ValueError("no code flow with PKCE")
        self.challenge, self.redirect = asked["code_challenge"], asked["redirect_uri"]
        said = {"error": "access_denied"} if self.refusing else {"code": CODE}
        return f"{self.redirect}?{urlencode({**said, 'state': asked['state']})}"

    def redeems(self, form: dict[str, str]) -> bool:
        """Whether it is the one who asked for the code."""
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proved = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge
        return proved and (form["code"], form["redirect_uri"]) == (CODE, self.redirect)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
