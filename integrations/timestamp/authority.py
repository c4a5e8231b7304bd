"""Time-stamps of an authority elsewhere (RFC 3161) over HTTP: asked for, and checked against its own roots.

What is kept is the token alone (RFC 3161 section 2.4.2, a CMS ContentInfo), as `openssl ts -verify -token_in` reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from bot.ports.errors import Refused, Unavailable, WorldError
from bot.ports.failures import by_status

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
GRANTED = bytes.fromhex("3003020100")
"""PKIStatusInfo { status granted(0) }, DER."""
TIMEOUT_S = 10.0
MAX_TOKEN = 64 * 1024


class BadRoots(ValueError):
    """The file holds no certificates; the message names what was seen and what was wanted."""


class HttpTimestampAuthority:
    """Implements `bot.ports.trust.TimestampAuthority`. `url` may be empty for one that only checks."""

    def __init__(self, url: str, roots: Sequence[x509.Certificate]) -> None:
        self._url = url
        self._roots = list(roots)

    def stamp(self, content: bytes) -> bytes:
        """A token over the SHA-256 of the content; it was checked. Raises Unavailable, Refused."""
        request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
        answer = _post(self._url, request.as_bytes())
        try:
            response = decode_timestamp_response(answer)
            token = response.time_stamp_token()
        except ValueError:
            raise Refused(f"saw {_said(answer)} from {self._url}; wanted a time-stamp; check log.timestamp_url") from None
        checked = self._check(response, content, request.nonce)
        if isinstance(checked, str):
            raise Refused(f"{checked}; asked {self._url}; check log.timestamp_url and log.timestamp_roots")
        return token

    def check(self, token: bytes, content: bytes) -> datetime | str:
        """When it was stamped, by the authority's clock; or what is wrong with the token."""
        if len(token) > MAX_TOKEN:
            return f"saw a token of {len(token):,} bytes; wanted at most {MAX_TOKEN:,}"
        try:
            response = decode_timestamp_response(_granted(token))
        except ValueError:
            return f"saw {len(token):,} bytes that are no time-stamp token; wanted RFC 3161"
        return self._check(response, content, None)

    def _check(self, response: TimeStampResponse, content: bytes, nonce: int | None) -> datetime | str:
        if not self._roots:
            return "saw no root certificates of the authority; wanted them in log.timestamp_roots"
        try:
            algorithm = response.tst_info.message_imprint.hash_algorithm
            if algorithm != SHA256:
                return f"saw a time-stamp over {algorithm.dotted_string}; wanted one over SHA-256"
            VerifierBuilder(roots=self._roots, nonce=nonce).build().verify_message(response, content)
            return response.tst_info.gen_time.astimezone(UTC)
        except (VerificationError, ValueError) as error:
            return f"saw a time-stamp that does not hold ({' '.join(str(error).split())[:160]}); wanted one under the roots"


def read_roots(content: bytes, name: str) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file. Raises BadRoots."""
    try:
        return tuple(x509.load_pem_x509_certificates(content))
    except ValueError:
        raise BadRoots(f"saw no certificate in {name}; wanted the authority's roots (PEM)") from None


def _post(url: str, request: bytes) -> bytes:
    """The body of the answer. Raises WorldError."""
    headers = {"content-type": QUERY, "accept": REPLY}
    try:
        with httpx.stream("POST", url, content=request, headers=headers, timeout=TIMEOUT_S) as answer:
            body = b""
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > MAX_TOKEN:
                    raise Refused(f"saw an answer of more than {MAX_TOKEN:,} bytes from {url}; wanted a time-stamp")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        saw = str(error) or type(error).__name__
        raise Unavailable(f"saw no time-stamp from {url}: {saw}; wanted RFC 3161; it is tried again") from None
    _expect(url, answer)
    return body


def _expect(url: str, answer: httpx.Response) -> None:
    if answer.status_code != 200:
        raise _by_status(url, answer)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != REPLY:
        raise Refused(f"saw {kind[:60]!r} from {url}; wanted {REPLY} (RFC 3161 section 3.4); check log.timestamp_url")


def _by_status(url: str, answer: httpx.Response) -> WorldError:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return by_status(f"saw {answer.status_code} from {url}", answer.status_code, headers)


def _said(answer: bytes) -> str:
    """What an answer without a token says of why (PKIStatusInfo.statusString)."""
    try:
        words = " ".join(decode_timestamp_response(answer).status_string)
    except ValueError:
        return f"{len(answer):,} bytes that are no answer of RFC 3161"
    return f"a refusal ({words[:120] or 'without a word'})"


def _granted(token: bytes) -> bytes:
    """The token as the answer that it came in: the library reads whole answers only."""
    body = GRANTED + token
    length = len(body)
    if length < 0x80:
        return bytes((0x30, length)) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((0x30, 0x80 | len(octets))) + octets + body
