"""A person signs with their own OIDC identity, through a Sigstore instance: public, its staging twin, or one of their own.

sigstore-python signs in-toto statements only as it reads them, and it reads no git digests (sigstore/sigstore-python#1899).
What is to be signed are the very bytes that the person was shown, so they go in as they are, by the one shim below. It rests
on two private parts of `sigstore.dsse.Statement`, which the pinned version has and a test holds.

The public instance publishes the person's address in its log for ever; whoever calls this has asked them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.in_toto import STATEMENT_TYPE

if TYPE_CHECKING:
    from sigstore.dsse import Statement
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityToken

PUBLIC, STAGING = "public", "staging"


class CannotSign(Exception):
    """Nothing was signed; the message names what was seen, what was wanted and what to do, and never the token."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token names, as the certificate will: `token` itself is shown to nobody."""

    issuer: str
    identity: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeylessSigner:
    """`instance` is `public`, `staging`, or the path of a client trust configuration (ClientTrustConfig JSON, v0.1)."""

    instance: str

    def sign(self, statement: bytes, token: str = "") -> bytes:
        """A bundle (JSON) around exactly these bytes, by the identity that the token (OIDC, audience `sigstore`) names.

        Without a token: the one that the surroundings offer (a CI job's), else the person logs in with their browser. Raises
        CannotSign.
        """
        _check(statement)
        config = self._config()
        identity = _identified(token, config)
        try:
            return _sign(statement, config, identity)
        except Exception as error:  # of the authority, the log, their network: the same
            saw = f"saw {self.instance} refuse to sign or to log ({type(error).__name__})"
            raise CannotSign(f"{saw}; wanted a certificate and a log entry; try again, or check the instance") from None

    def identify(self, token: str = "") -> Holder:
        """Who would sign, before anything is signed: by the token, the surroundings, or a login. Raises CannotSign."""
        found = _identified(token, self._config())
        return Holder(found.federated_issuer, found.identity, str(found))

    def _config(self) -> ClientTrustConfig:
        from sigstore.models import ClientTrustConfig

        try:
            if self.instance in (PUBLIC, STAGING):
                return ClientTrustConfig.production() if self.instance == PUBLIC else ClientTrustConfig.staging()
            return ClientTrustConfig.from_json(Path(self.instance).read_text())
        except Exception as error:  # TUF's, pydantic's and the file's
            saw = f"saw no usable trust configuration at {self.instance} ({type(error).__name__})"
            raise CannotSign(f"{saw}; wanted `public`, `staging` or a client trust configuration (JSON); correct it") from None


def _check(statement: bytes) -> None:
    """What is signed here lands in a log: nothing but a statement may."""
    try:
        whole = json.loads(statement.decode())
    except (ValueError, RecursionError):
        whole = None
    if not isinstance(whole, dict) or whole.get("_type") != STATEMENT_TYPE:
        raise CannotSign(f"saw bytes that are no in-toto statement; wanted {STATEMENT_TYPE}; sign what llmgate gave you")


def _identified(token: str, config: ClientTrustConfig) -> IdentityToken:
    try:
        return _identity(token, config)
    except Exception as error:  # errors of a token, of its provider and of the network are of no one family
        cure = "log in again" if not token else "give a fresh one for the audience `sigstore`"
        raise CannotSign(f"saw no identity token that serves ({type(error).__name__}); wanted a valid one; {cure}") from None


def _identity(token: str, config: ClientTrustConfig) -> IdentityToken:
    from sigstore.oidc import IdentityToken, Issuer, detect_credential

    given = token.strip() or detect_credential()
    return IdentityToken(given) if given else Issuer(config.signing_config.get_oidc_url()).identity_token()


def _sign(statement: bytes, config: ClientTrustConfig, identity: IdentityToken) -> bytes:
    from sigstore.sign import SigningContext

    with SigningContext.from_trust_config(config).signer(identity) as signer:
        return signer.sign_dsse(as_it_is(statement)).to_json().encode()


def as_it_is(statement: bytes) -> Statement:
    """The shim: a statement of these bytes that sigstore-python has not read."""
    from sigstore.dsse import Statement

    raw = Statement.__new__(Statement)
    raw._contents = statement
    return raw
