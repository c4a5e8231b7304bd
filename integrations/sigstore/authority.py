"""The organisation's own certificate authority: whether a signing certificate leads to one of its roots, at a certain time.

The path is RFC 5280's, walked by `cryptography.x509.verification` with the WebPKI profile of CA certificates (basicConstraints,
keyCertSign, path lengths, no weak signatures). Of the signer's own certificate it is asked that it is no CA, may make digital
signatures, and is for code signing (RFC 5280 4.2.1.3 and 4.2.1.12), as Fulcio's are. It needs no alternative name: inside one
organisation the subject says enough. Authorities sign with ECDSA or RSA, as the profile wants; the signer's key may be any.

The time is the one at which the signature is proved to have been there: by an RFC 3161 timestamp in the bundle, or by what
the caller proves (a checkpoint of the log). A time that a statement tells of itself proves nothing. Without proof the clock
decides, so that a certificate then serves only while it is valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from bot.ports.clock import Clock
from integrations.sigstore.bundle import Envelope, Message
from integrations.sigstore.certificate import alternative_names, called
from integrations.sigstore.keys import BadKey
from integrations.sigstore.signatures import PublicKey, is_fit
from integrations.sigstore.timestamps import Stamps, TimestampAuthorities


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whose certificate it is and the key in it; or, with a problem, why nobody vouches for it (`key` is None then).

    `names` are what the holder is called and the alternative names, `authority` is the root's subject.
    """

    key: PublicKey | None
    names: tuple[str, ...] = ()
    authority: str = ""
    problem_saw: str = ""
    problem_wanted: str = ""

    @property
    def holder(self) -> str:
        return f"{self.names[0] if self.names else 'nobody named'} (by {self.authority})"


class CertificateAuthority:
    """Roots that the organisation trusts, intermediates that it knows without a bundle bringing them.

    `clock` tells the time where none is proved (None: such certificates are refused); `timestamps` says whose RFC 3161
    timestamps prove one.
    """

    whose = "this organisation"
    where = "`signing.ca_roots`"
    """How refusals name the roots."""
    record_signers: frozenset[str] = frozenset()

    def __init__(
        self,
        roots: Sequence[x509.Certificate],
        intermediates: Sequence[x509.Certificate] = (),
        clock: Clock | None = None,
        timestamps: Stamps | None = None,
    ) -> None:
        self._roots = tuple(roots)
        self._intermediates = tuple(intermediates)
        self._clock = clock
        self._timestamps: Stamps = timestamps or TimestampAuthorities()

    def for_records(self, *names: str) -> CertificateAuthority:
        """The same, where the holders called so (`certificate.called`) may sign the gate's records.

        An organisation's authority certifies others too, and none of them may sign an approval: without this, nobody may.
        """
        named = copy(self)
        named.record_signers = frozenset(names)
        return named

    def vouch_for(self, envelope: Envelope | Message, proved_at: datetime | None = None) -> Vouched:
        """Judge the certificate of a bundle at the time proved by the caller, else by the bundle, else now."""
        try:
            leaf, *others = (x509.load_der_x509_certificate(one) for one in envelope.material.certificates)
        except ValueError:
            return _no("a certificate that cannot be read", self._root)
        at = proved_at or self._timestamps.prove(envelope.material.timestamps, envelope.signature)
        if at is None and self._clock is None:
            return _no("a signature of which no time is proved", "a timestamp (RFC 3161) or a log that proves when it was made")
        return self.check((leaf, *others), at or self._now(), at is not None)

    def check(self, chain: Sequence[x509.Certificate], at: datetime, proved: bool = False) -> Vouched:
        """Judge a chain, the signer's own certificate first, at this time."""
        leaf, others = chain[0], (*chain[1:], *self._intermediates)
        holder = "nobody named"
        try:
            holder = called(leaf)
            problem = _own_problem(leaf) or _time_problem(leaf, at, proved)
            if problem:
                return problem
            path = self._path(leaf, others, at)
        except VerificationError as error:
            saw = f"a certificate ({holder}) that no root of {self.whose} vouches for at {at:%Y-%m-%d %H:%M} UTC"
            return _no(f"{saw} ({_short(error)})", self._root)
        except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            return _no("a certificate that cannot be read", self._root)
        key = leaf.public_key()
        if not isinstance(key, PublicKey):
            return _no("a certificate of a key of another kind", "ECDSA, Ed25519 or RSA")
        return Vouched(key, (holder, *alternative_names(leaf)), path[-1].subject.rfc4514_string())

    def _path(self, leaf: x509.Certificate, others: Sequence[x509.Certificate], at: datetime) -> Sequence[x509.Certificate]:
        if not self._roots:
            raise VerificationError("no root is set")
        verifier = (
            PolicyBuilder()
            .store(Store(list(self._roots)))
            .time(at)
            .extension_policies(ca_policy=_of_authorities(), ee_policy=_of_signers())
            .build_client_verifier()
        )
        return verifier.verify(leaf, list(others)).chain

    @property
    def _root(self) -> str:
        return f"one that leads to a root of {self.where}"

    def _now(self) -> datetime:
        if self._clock is None:
            raise TypeError("no clock was given")
        return self._clock.now()


def read_certificates(pem: bytes, name: str) -> list[x509.Certificate]:
    """The certificates of a PEM file, in its order. Raises BadKey."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise BadKey(
            f"saw {name} that holds no certificate; wanted PEM certificates; see `signing.certificate_chain`"
        ) from None


def _of_authorities() -> ExtensionPolicy:
    return ExtensionPolicy.webpki_defaults_ca().may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)


def _of_signers() -> ExtensionPolicy:
    """What the purposes say is judged in `_own_problem`, in words of our own."""
    policy = ExtensionPolicy.webpki_defaults_ee()
    policy = policy.may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
    return policy.may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)


def _own_problem(leaf: x509.Certificate) -> Vouched | None:
    """What is wrong with the signer's own certificate, whoever issued it."""
    extensions = leaf.extensions
    if not is_fit(leaf.public_key()):
        return _no("a certificate of a key of another kind", "ECDSA, Ed25519 or RSA of 2048 bits or more")
    for one in extensions:
        if isinstance(one.value, x509.BasicConstraints) and one.value.ca:
            return _no("a certificate of an authority", "the signer's own certificate, first in the chain")
    usages = [one.value for one in extensions if isinstance(one.value, x509.KeyUsage)]
    if not usages or not usages[0].digital_signature:
        return _no("a certificate that is not for digital signatures", "key usage digitalSignature")
    purposes = [one.value for one in extensions if isinstance(one.value, x509.ExtendedKeyUsage)]
    if not purposes or ExtendedKeyUsageOID.CODE_SIGNING not in purposes[0]:
        return _no("a certificate that is not for code signing", "extended key usage codeSigning")
    return None


def _time_problem(leaf: x509.Certificate, at: datetime, proved: bool) -> Vouched | None:
    if leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        return None
    lifetime = f"{leaf.not_valid_before_utc:%Y-%m-%d %H:%M} to {leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    if proved:
        return _no(f"a signature of {at:%Y-%m-%d %H:%M} UTC by a certificate valid {lifetime}", "one made while it was valid")
    wanted = "a valid one, or a timestamp (RFC 3161) that proves that it was valid when it signed"
    return _no(f"a certificate valid {lifetime}, which {at:%Y-%m-%d %H:%M} UTC is not within", wanted)


def _no(saw: str, wanted: str) -> Vouched:
    return Vouched(None, problem_saw=saw, problem_wanted=wanted)


def _short(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), "")[:160]
    return "".join(character for character in line if character.isprintable())
