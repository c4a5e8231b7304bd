"""Signatures of passkeys, checked with nothing but proof, key and what was signed: at the page, and offline for ever."""

from __future__ import annotations

from collections.abc import Mapping

from webauthn import verify_authentication_response
from webauthn.helpers import decode_credential_public_key
from webauthn.helpers.cose import COSECRV, COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey, DecodedRSAPublicKey

from bot.ports.trust import Proved
from integrations.webauthn.answer import BrowserAnswer, Malformed, read_proof
from integrations.webauthn.ceremony import Asked, authenticator_problem, client_problem, read_authenticator_data

ASSERTION = ("clientDataJSON", "authenticatorData", "signature")
ALGORITHMS = (
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
"""ES256, EdDSA, RS256: what passkeys in use offer."""
LEAST_RSA_BITS = 2048
AGAIN = "sign again"


class Assertions:
    """Implements `bot.handlers.identity.proofs.AssertionCheck`. Holds nothing: a key and its place come with each call."""

    def verify_assertion(self, proof: Mapping[str, str], challenge: bytes, public_key: bytes, place: tuple[str, str]) -> Proved:
        """Whether the key signed this challenge, user verified, at this place (rp id, origin)."""
        asked = Asked("webauthn.get", challenge, *place, AGAIN)
        try:
            return _verify(read_proof(proof, ASSERTION), asked, public_key)
        except Malformed as error:
            return Proved(f"{error}; {AGAIN}")


def _verify(answer: BrowserAnswer, asked: Asked, public_key: bytes) -> Proved:
    problem = client_problem(answer.bytes_of("clientDataJSON"), asked)
    problem = problem or authenticator_problem(answer.bytes_of("authenticatorData"), asked) or key_problem(public_key)
    if problem:
        return Proved(problem)
    try:
        verified = verify_authentication_response(
            credential=answer.as_json(),
            expected_challenge=asked.challenge,
            expected_rp_id=asked.rp_id,
            expected_origin=asked.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # a regression is told, not refused: synced passkeys may not count
            require_user_verification=True,
        )
    except Exception:  # what it raises on hostile bytes is not one family, and its texts quote them
        wanted = "one by the enrolled key over just what was shown"
        return Proved(f"saw a signature that does not hold; wanted {wanted}; {AGAIN} with a passkey that you enrolled")
    data = read_authenticator_data(answer.bytes_of("authenticatorData"))
    return Proved(sign_count=verified.new_sign_count, synced=data.flags.be)


def key_problem(public_key: bytes) -> str:
    """Why a COSE key is none that is taken here; empty if it is."""
    wanted = "ES256 on P-256, Ed25519, or RS256 of 2,048 bits or more; use another passkey"
    try:
        key = decode_credential_public_key(public_key)
    except Exception:  # a missing member is a KeyError, an empty key an IndexError
        return f"saw a public key that cannot be read; wanted a COSE key of {wanted}"
    if key.alg not in ALGORITHMS:
        return f"saw a key of COSE algorithm {int(key.alg)}; wanted {wanted}"
    if isinstance(key, DecodedEC2PublicKey) and key.crv != COSECRV.P256:
        return f"saw a key on another curve; wanted {wanted}"
    if isinstance(key, DecodedRSAPublicKey) and int.from_bytes(key.n, "big").bit_length() < LEAST_RSA_BITS:
        return f"saw an RSA key of {int.from_bytes(key.n, 'big').bit_length()} bits; wanted {wanted}"
    return ""
