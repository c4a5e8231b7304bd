"""A Sigstore of one's own on loopback: the real client signs against it, and its trusted root is all a verifier needs."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import Signer, SigningContext

from integrations.sigstore.keyless_signer import as_it_is
from tests.local_sigstore.authority import Authority, log_id, spki
from tests.local_sigstore.doors import TOKEN_KEY, Doors, wall_clock
from tests.local_sigstore.log import Log, encoded

TRUSTED_ROOT = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
SIGNING = "application/vnd.dev.sigstore.signingconfig.v0.2+json"
CLIENT = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"


class LocalSigstore:
    """Everything, running until `close`."""

    def __init__(self) -> None:
        self.since = wall_clock() - timedelta(days=1)
        self.authority = Authority(self.since)
        self.log = Log()
        self.doors = Doors(self.authority, self.log)

    def close(self) -> None:
        self.doors.close()

    def sign(self, statement: bytes, identity: str, issuer: str, late: timedelta = timedelta(0)) -> bytes:
        """A bundle by the real client for this identity, vouched for by this issuer."""
        self.doors.late = late
        with self._signer(identity, issuer) as signer:
            return signer.sign_dsse(as_it_is(statement)).to_json().encode()

    def sign_file(self, content: bytes, identity: str, issuer: str) -> bytes:
        """The same around the bare signature of a file."""
        self.doors.late = timedelta(0)
        with self._signer(identity, issuer) as signer:
            return signer.sign_artifact(content).to_json().encode()

    @staticmethod
    def token(identity: str, issuer: str) -> str:
        """What the person's provider says of them, for five minutes."""
        return _token(identity, issuer, wall_clock())

    def write_trusted_root(self, path: Path) -> Path:
        path.write_text(json.dumps(self.trusted_root()))
        return path

    def write_client_config(self, path: Path, provider: str = "") -> Path:
        """What a person signs with: the trusted root, where the services are, and where one logs in."""
        config = self._client_config()
        listed = {**config["signingConfig"]["caUrls"][0], "url": provider}
        config["signingConfig"]["oidcUrls"] = [listed] if provider else []
        path.write_text(json.dumps(config))
        return path

    def _signer(self, identity: str, issuer: str) -> AbstractContextManager[Signer]:
        config = ClientTrustConfig.from_json(json.dumps(self._client_config()))
        return SigningContext.from_trust_config(config).signer(IdentityToken(self.token(identity, issuer)))

    def trusted_root(self) -> dict[str, Any]:
        certificates = [{"rawBytes": encoded(self.authority.root.public_bytes(Encoding.DER))}]
        authority = {
            "subject": {"organization": "local", "commonName": "local sigstore"},
            "uri": self.doors.url,
            "certChain": {"certificates": certificates},
            "validFor": {"start": self.since.isoformat()},
        }
        return {
            "mediaType": TRUSTED_ROOT,
            "tlogs": [self._log(self.log.key.public_key())],
            "certificateAuthorities": [authority],
            "ctlogs": [self._log(self.authority.promising_key.public_key())],
            "timestampAuthorities": [],
        }

    def _log(self, key: ec.EllipticCurvePublicKey) -> dict[str, Any]:
        public = {
            "rawBytes": encoded(spki(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": {"start": self.since.isoformat()},
        }
        return {
            "baseUrl": self.doors.url,
            "hashAlgorithm": "SHA2_256",
            "publicKey": public,
            "logId": {"keyId": encoded(log_id(key))},
        }

    def _client_config(self) -> dict[str, Any]:
        service = {
            "url": self.doors.url,
            "majorApiVersion": 1,
            "operator": "local",
            "validFor": {"start": self.since.isoformat()},
        }
        signing = {
            "mediaType": SIGNING,
            "caUrls": [service],
            "oidcUrls": [],
            "rekorTlogUrls": [service],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaUrls": [],
            "tsaConfig": {"selector": "ANY"},
        }
        return {"mediaType": CLIENT, "trustedRoot": self.trusted_root(), "signingConfig": signing}


def _token(identity: str, issuer: str, at: datetime) -> str:
    claims = {"iss": issuer, "sub": identity, "aud": "sigstore", "iat": at, "exp": at + timedelta(minutes=5)}
    return jwt.encode(claims, TOKEN_KEY, algorithm="HS256")
