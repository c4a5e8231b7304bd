"""Passkeys of the gate's own pages: options for the browser, and its answers checked. User verification is required throughout.

py_webauthn's own default is not to require it. Attestation is not asked for: what counts is that the same key comes back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_registration_response,
)
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.core import base64url
from bot.ports.trust import Proved
from integrations.webauthn.answer import BrowserAnswer, Malformed, read_answer
from integrations.webauthn.assertions import ALGORITHMS, ASSERTION, Assertions, key_problem
from integrations.webauthn.ceremony import Asked, authenticator_data, authenticator_problem, client_problem
from integrations.webauthn.place import place_of

REGISTRATION = ("clientDataJSON", "attestationObject")
AGAIN = "add the passkey again"
TIMEOUT_MS = 300_000
"""How long the browser waits for the person: as long as a link to sign lives."""


class WebAuthnPasskeys(Assertions):
    """Implements `bot.ports.trust.Passkeys` for the pages at `public_url`. Raises BadPlace where no passkey could work."""

    def __init__(self, public_url: str, title: str = "llmgate") -> None:
        self.rp_id, self.origin = place_of(public_url)
        self._title = title

    def registration_options(self, person: str, name: str, known: Sequence[str], challenge: bytes) -> str:
        """The user handle is a digest: authenticators keep it in clear (Web Authentication Level 3, 14.6.1)."""
        options = generate_registration_options(
            rp_id=self.rp_id,
            rp_name=self._title,
            user_id=hashlib.sha256(f"{self.rp_id}/{person}".encode()).digest(),
            user_name=name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(known),
            supported_pub_key_algs=list(ALGORITHMS),
        )
        return options_to_json(options)

    def verify_registration(self, response: str, challenge: bytes) -> tuple[str, bytes, Proved]:
        """With a problem, the id and the key are empty."""
        try:
            return self._verify_registration(read_answer(response, REGISTRATION), challenge)
        except Malformed as error:
            return "", b"", Proved(f"{error}; {AGAIN}")

    def request_options(self, credentials: Sequence[str], challenge: bytes) -> str:
        options = generate_authentication_options(
            rp_id=self.rp_id,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            allow_credentials=_descriptors(credentials),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def read_assertion(self, response: str) -> Mapping[str, str] | str:
        try:
            answer = read_answer(response, ASSERTION)
        except Malformed as error:
            return f"{error}; sign again"
        return {"credentialId": answer.id, **answer.fields}

    def _verify_registration(self, answer: BrowserAnswer, challenge: bytes) -> tuple[str, bytes, Proved]:
        asked = Asked("webauthn.create", challenge, self.rp_id, self.origin, AGAIN)
        problem = client_problem(answer.bytes_of("clientDataJSON"), asked)
        problem = problem or authenticator_problem(authenticator_data(answer.bytes_of("attestationObject")), asked)
        if problem:
            return "", b"", Proved(problem)
        try:
            verified = verify_registration_response(
                credential=answer.as_json(),
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                require_user_verification=True,
                supported_pub_key_algs=list(ALGORITHMS),
            )
        except Exception:  # what it raises on hostile bytes is not one family, and its texts quote them
            return (
                "",
                b"",
                Proved(f"saw a passkey whose answer does not hold together; wanted ES256, Ed25519 or RS256; {AGAIN}"),
            )
        problem = key_problem(verified.credential_public_key)
        if problem or base64url.encode(verified.credential_id) != answer.id:
            return "", b"", Proved(problem or f"saw one credential named and another made; wanted the one; {AGAIN}")
        synced = verified.credential_device_type.value == "multi_device"
        return answer.id, verified.credential_public_key, Proved(sign_count=verified.sign_count, synced=synced)


def _descriptors(credentials: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url.decode(one)) for one in credentials]
