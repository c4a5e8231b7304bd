"""Approvals signed and verified, by strength, beside what they cannot do without: a bare signature, sigstore-python's own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from bot.core.approval import STRENGTHS
from bot.core.in_toto import PAYLOAD_TYPE
from integrations.sigstore.bundle import pre_authentication_encoding
from integrations.sigstore.keyless_signer import KeylessSigner
from tests.bench.office import ISSUER, Office, identity_of
from tests.bench.turns import Timed, in_turn

SAMPLES, OWN_SAMPLES = 600, 20
BARE, OURS, THEIRS, OWN = "bare", "ours", "theirs", "own"
IDENTITY = identity_of("bob")
Ways = Mapping[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Approving:
    """`signed` and `verified` by strength, with a `BARE` ECDSA P-256 signature over the same bytes beside.

    `bundle`: one keyless bundle from its bytes to a yes, by `OURS` and by `THEIRS`. `own`: a person's own keyless signature.
    """

    signed: Timed
    verified: Timed
    bundle: Timed
    own: Timed


@contextmanager
def open_office() -> Iterator[Office]:
    with tempfile.TemporaryDirectory(prefix="llmgate-office-") as folder:
        office = Office(Path(folder))
        try:
            yield office
        finally:
            office.close()


def measure_approving() -> Approving:
    with open_office() as office:
        shown = {strength: office.shown(strength) for strength in STRENGTHS}
        proofs = {strength: office.own_proof(strength, shown[strength]) for strength in STRENGTHS}
        signing: Ways = {one: partial(office.sign, one, shown[one], proofs[one]) for one in STRENGTHS}
        verifying: Ways = {one: partial(office.verify, office.sign(one, shown[one], proofs[one])) for one in STRENGTHS}
        bare_sign, bare_verify = _bare(shown["witnessed"])
        return Approving(
            signed=in_turn({**signing, BARE: bare_sign}, SAMPLES),
            verified=in_turn({**verifying, BARE: bare_verify}, SAMPLES),
            bundle=in_turn(_one_bundle(office, shown["keyless"]), SAMPLES),
            own=in_turn({OWN: _own_signature(office, shown["keyless"])}, OWN_SAMPLES),
        )


def _bare(statement: bytes) -> tuple[Callable[[], object], Callable[[], object]]:
    """cryptography alone, with a key at hand: sign, verify."""
    key, content, algorithm = (
        ec.generate_private_key(ec.SECP256R1()),
        pre_authentication_encoding(PAYLOAD_TYPE, statement),
        ec.ECDSA(hashes.SHA256()),
    )
    signature, public = key.sign(content, algorithm), key.public_key()
    return lambda: key.sign(content, algorithm), lambda: public.verify(signature, content, algorithm)


def _one_bundle(office: Office, statement: bytes) -> Ways:
    """From the bundle's bytes on, by the same root, for the same identity. A no is an exception with them, an answer here."""
    bundle = office.sigstore.sign(statement, IDENTITY, ISSUER)
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(office.trusted_root)))
    policy = Identity(identity=IDENTITY, issuer=ISSUER)

    def ours() -> None:
        found = office.keyless.check_identity(bundle, statement, ISSUER, IDENTITY)
        assert not found.problem, found.problem

    return {OURS: ours, THEIRS: lambda: verifier.verify_dsse(Bundle.from_json(bundle), policy)}


def _own_signature(office: Office, statement: bytes) -> Callable[[], object]:
    """The person's machine: a certificate, a signature, an entry in the log, with both services on loopback."""
    config = office.sigstore.write_client_config(office.trusted_root.with_name("client.json"))
    signer = KeylessSigner(str(config))
    return lambda: signer.sign(statement, office.sigstore.token(IDENTITY, ISSUER))
