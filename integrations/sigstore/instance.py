"""One Sigstore instance, public or private, as sigstore-python verifies against it: imported when first needed (some 60 MB).

sigstore-python 4.5 differs from the specification in two places, which are put right here:
- A time range is closed (sigstore/protobuf-specs `sigstore_common.proto`, TimeRange); it leaves the end of a timestamp
  authority's out. So the end is set one microsecond later, the finest step that RFC 3161 times are read in.
- It takes the time of a Rekor v1 entry only from `hashedrekord` and `dsse`. An `intoto` entry 0.0.2, which cosign and the
  SLSA generators wrote for years, binds the same: the log's promise signs its body and time together, and the body holds
  payload digest, signature and certificate, all of which are compared here as sigstore-python does for `dsse`.
Both need private parts of the library; the version is pinned, and tests hold them.

It also reads the keys of every log anew for each bundle, a twentieth of the whole; here they are kept.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore._internal.trust import CTKeyring, Keyring, KeyringPurpose, RekorKeyring
from sigstore.errors import VerificationError
from sigstore.models import Bundle, TransparencyLogEntry, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import VerificationPolicy
from sigstore_models.rekor.v1 import TransparencyLogEntry as Listed
from sigstore_models.trustroot.v1 import TransparencyLogInstance as ListedLog
from sigstore_models.trustroot.v1 import TrustedRoot as ListedRoot

from integrations.sigstore.bundle import Envelope, Json, Material, signature_holds
from integrations.sigstore.logged import BadEntry, Signed, compare
from integrations.sigstore.signatures import PublicKey

IN_TOTO = ("intoto", "0.0.2")

logging.getLogger("sigstore").addHandler(logging.NullHandler())  # or a command's standard error would carry its warnings


class Instance(Verifier):
    """Verifies bundles with a certificate, and entries of the instance's logs. May raise anything on a root that is none."""

    def __init__(self, trusted_root: Path) -> None:
        listed = ListedRoot.from_json(trusted_root.read_bytes())
        for authority in listed.timestamp_authorities or []:
            if authority.valid_for.end:
                authority.valid_for.end += timedelta(microseconds=1)
        super().__init__(trusted_root=_Root(listed))

    def verify_dsse(self, bundle: Bundle, policy: VerificationPolicy) -> tuple[str, bytes]:
        """As sigstore-python does it. Raises what it raises."""
        if not _is_in_toto(bundle):
            return super().verify_dsse(bundle, policy)
        self._verify_common_signing_cert(bundle, policy)
        if bundle._dsse_envelope is None:
            raise VerificationError("a log entry for an envelope, and no envelope")
        inner = bundle._dsse_envelope._inner
        certificate, key = bundle.signing_certificate, bundle.signing_certificate.public_key()
        material = Material(certificates=(certificate.public_bytes(Encoding.DER),))
        envelope = Envelope(inner.payload, inner.payload_type, bundle.signature, material)
        if not isinstance(key, PublicKey) or not signature_holds(envelope, key):
            raise VerificationError("DSSE: invalid signature")
        signed = Signed(envelope, hashlib.sha256(envelope.payload).hexdigest(), material.certificates[0])
        try:
            compare(*IN_TOTO, bundle.log_entry._inner.canonicalized_body, signed)
        except BadEntry as error:
            raise VerificationError(f"invalid log entry: {error}") from None
        return inner.payload_type, inner.payload

    def verify_entries(self, entries: Iterable[Json], signed: Signed) -> None:
        """That a log of this instance holds each entry, and that each is about what was signed. Raises BadEntry."""
        keyring = self._trusted_root.rekor_keyring(KeyringPurpose.VERIFY)
        for one in entries:
            try:
                entry = TransparencyLogEntry(Listed.from_json(json.dumps(one)))
                entry._verify(keyring)
            except Exception as error:  # of no one family, on hostile bytes
                raise BadEntry(f"an entry that no log of the trusted root vouches for ({type(error).__name__})") from None
            kind = entry._inner.kind_version
            compare(kind.kind, kind.version, entry._inner.canonicalized_body, signed)

    def _establish_time(self, bundle: Bundle) -> list[TimestampVerificationResult]:
        if not _is_in_toto(bundle):
            return super()._establish_time(bundle)
        stamped = bundle.verification_material.timestamp_verification_data
        if stamped and not self._trusted_root.get_timestamp_authorities():
            raise VerificationError("a signed timestamp, and no timestamp authority in the trusted root")
        times = self._verify_timestamp_authority(bundle) if stamped else []
        entry = bundle.log_entry._inner
        if entry.integrated_time and entry.inclusion_promise:
            at = datetime.fromtimestamp(entry.integrated_time, UTC)
            times.append(TimestampVerificationResult(TimestampSource.TRANSPARENCY_SERVICE, at))
        return times


class _Root(TrustedRoot):
    """Keeps a keyring to verify with once every listed key is in it: a key is left out before its time and never after."""

    def __init__(self, listed: ListedRoot) -> None:
        super().__init__(listed)
        self._kept: dict[str, Keyring] = {}

    def rekor_keyring(self, purpose: KeyringPurpose) -> RekorKeyring:
        return RekorKeyring(self._once("rekor", self._inner.tlogs, purpose, super().rekor_keyring))

    def ct_keyring(self, purpose: KeyringPurpose) -> CTKeyring:
        return CTKeyring(self._once("ct", self._inner.ctlogs, purpose, super().ct_keyring))

    def _once(
        self, name: str, logs: list[ListedLog], purpose: KeyringPurpose, read: Callable[[KeyringPurpose], Keyring]
    ) -> Keyring:
        if purpose is not KeyringPurpose.VERIFY:
            return read(purpose)
        if name in self._kept:
            return self._kept[name]
        all_begun = len(list(self._get_tlog_keys(logs, purpose))) == len(logs)
        keyring = read(purpose)
        if all_begun:
            self._kept[name] = keyring
        return keyring


def _is_in_toto(bundle: Bundle) -> bool:
    kind = bundle.log_entry._inner.kind_version
    return (kind.kind, kind.version) == IN_TOTO
