"""The settings of keys and certificates, as the gate takes them at its start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bot.config import BadSettings, Signing
from bot.core.approval import Approval
from bot.core.statement import render_statement
from bot.main.trust import read_trust
from integrations.sigstore.bundle import read_bundle
from integrations.sigstore.keys import make_key, public_path
from tests.core.test_statement import DECISION
from tests.integrations.sigstore.authority import NOON, YEAR, Issuer, Profile
from tests.integrations.sigstore.test_authority import Port
from tests.local_sigstore.stamps import Stamper

STATEMENT = render_statement(DECISION)
CHANGE = DECISION.target.change
ROOT = Issuer()
SIGNING = ROOT.under()
GOOD = Profile()


@dataclass(frozen=True)
class At:
    """A clock that stands."""

    instant: datetime = NOON

    def now(self) -> datetime:
        return self.instant


def write(path: Path, *certificates: x509.Certificate) -> Path:
    path.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in certificates))
    return path


def certified(folder: Path, profile: Profile = GOOD) -> Signing:
    """A key, its certificate with an intermediate, and the root, in files."""
    key = make_key(folder / "signing.pem")
    chain = write(folder / "chain.pem", SIGNING.issue(key.public_key(), profile), SIGNING.certificate)
    roots = (write(folder / "root.pem", ROOT.certificate),)
    return Signing(key_file=folder / "signing.pem", certificate_chain=chain, ca_roots=roots)


def test_a_uri_takes_the_place_of_the_file(tmp_path: Path) -> None:
    make_key(tmp_path / "a.pem")
    by_uri = read_trust(Signing(key_file=tmp_path / "none.pem", key_uri=f"file:{tmp_path / 'a.pem'}"))
    assert by_uri.signer.key_sha256 == read_trust(Signing(key_file=tmp_path / "a.pem")).signer.key_sha256


def test_a_rotation_by_settings_takes_no_approval_away(tmp_path: Path) -> None:
    for name in ("old", "new"):
        make_key(tmp_path / f"{name}.pem")
    bundle = read_trust(Signing(key_file=tmp_path / "old.pem")).signer.sign(STATEMENT)
    kept = read_trust(Signing(key_file=tmp_path / "new.pem", retired_keys=(public_path(tmp_path / "old.pem"),)))
    assert isinstance(kept.verifier.read_approval(bundle, CHANGE), Approval)
    assert isinstance(kept.verifier.read_approval(kept.signer.sign(STATEMENT), CHANGE), Approval)
    lost = read_trust(Signing(key_file=tmp_path / "new.pem"))
    assert lost.verifier.open_record(bundle).problem_wanted == "a key of this organisation"


def test_under_an_authority_the_certificate_counts_and_its_time(tmp_path: Path) -> None:
    signing = certified(tmp_path)
    trust = read_trust(signing, At())
    bundle = trust.signer.sign(STATEMENT)
    assert trust.verifier.open_record(bundle).signer == "CN=llmgate signing (by CN=Acme)"
    renewed = make_key(tmp_path / "renewed.pem")
    late = NOON + timedelta(days=89) + timedelta(days=1)
    profile = Profile(since=late - timedelta(days=1), until=late + timedelta(days=1))
    chain = write(tmp_path / "renewed.chain", SIGNING.issue(renewed.public_key(), profile), SIGNING.certificate)
    after = signing.model_copy(update={"key_file": tmp_path / "renewed.pem", "certificate_chain": chain})
    assert "is not within" in read_trust(after, At(late)).verifier.open_record(bundle).problem_saw
    retired = after.model_copy(update={"retired_keys": (public_path(tmp_path / "signing.pem"),)})
    assert read_trust(retired, At(late)).verifier.open_record(bundle).payload == STATEMENT


def test_a_dated_signature_outlives_its_certificate(tmp_path: Path) -> None:
    signing, port = certified(tmp_path), Port(Stamper(NOON - YEAR))
    trust = read_trust(signing, At(), port)
    bundle = trust.signer.sign(STATEMENT)
    assert len(read_bundle(bundle).material.timestamps) == 1
    key, end = make_key(tmp_path / "later.pem"), NOON + 2 * YEAR
    chain = write(tmp_path / "later.chain", SIGNING.issue(key.public_key(), Profile(until=end)), SIGNING.certificate)
    later = signing.model_copy(update={"key_file": tmp_path / "later.pem", "certificate_chain": chain})
    assert read_trust(later, At(NOON + YEAR), port).verifier.open_record(bundle).payload == STATEMENT
    assert "is not within" in read_trust(later, At(NOON + YEAR)).verifier.open_record(bundle).problem_saw


@pytest.mark.parametrize(
    ("profile", "changed", "says"),
    [
        (Profile(until=NOON - timedelta(hours=1)), {}, "is not within.*renew signing.certificate_chain"),
        (Profile(purposes=None), {}, "not for code signing"),
        (GOOD, {"ca_roots": ()}, "certificate_chain without signing.ca_roots; wanted both"),
        (GOOD, {"ca_roots": ("other.pem",)}, "no root of this organisation vouches for"),
        (GOOD, {"ca_roots": ("signing.pem",)}, "holds no certificate"),
        (GOOD, {"certificate_chain": "root.pem"}, "begin with another key's certificate"),
        (GOOD, {"certificate_chain": "none.pem"}, "none.pem: No such file or directory; wanted a key or certificate"),
        (GOOD, {"key_uri": "hsm:2"}, r"saw hsm:2 without its library|refuse to be used"),
        (GOOD, {"key_uri": "ftp:2"}, "correct `signing.key_uri`"),
    ],
)  # fmt: skip
def test_what_would_be_refused_later_is_refused_at_the_start(
    tmp_path: Path, profile: Profile, changed: dict[str, str | tuple[str, ...]], says: str
) -> None:
    signing = certified(tmp_path, profile)
    write(tmp_path / "other.pem", Issuer().certificate)
    update: dict[str, object] = {}
    for key, value in changed.items():
        paths = isinstance(value, tuple)
        update[key] = tuple(tmp_path / one for one in value) if paths else value if key == "key_uri" else tmp_path / str(value)
    with pytest.raises(BadSettings, match=says):
        read_trust(signing.model_copy(update=update), At())
