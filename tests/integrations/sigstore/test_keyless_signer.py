"""A person's own signature, made by the real client on a Sigstore of our own, over the very bytes that were shown."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest
from sigstore.dsse import Statement

from bot.core.statement import render_statement
from integrations.sigstore.artifact import Artifact
from integrations.sigstore.keyless import KeylessVerifier
from integrations.sigstore.keyless_signer import CannotSign, KeylessSigner, as_it_is
from tests.core.test_statement import DECISION
from tests.local_sigstore.instance import LocalSigstore
from tests.local_sigstore.provider import Provider

ANN, ISSUER = "ann@acme.example", "https://issuer.acme.example"
STATEMENT = render_statement(DECISION)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    instance = LocalSigstore()
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def signer(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> KeylessSigner:
    return KeylessSigner(str(sigstore.write_client_config(tmp_path_factory.mktemp("client") / "trust.json")))


@pytest.fixture(scope="module")
def verifier(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> KeylessVerifier:
    return KeylessVerifier(sigstore.write_trusted_root(tmp_path_factory.mktemp("root") / "trusted_root.json"))


def test_what_was_shown_is_signed_byte_by_byte_git_digests_and_all(
    sigstore: LocalSigstore, signer: KeylessSigner, verifier: KeylessVerifier
) -> None:
    bundle = signer.sign(STATEMENT, f"{sigstore.token(ANN, ISSUER)}\n")
    assert verifier.check_identity(bundle, ISSUER, ANN).payload == STATEMENT
    assert verifier.check_artifact(bundle, Artifact("gitCommit", DECISION.target.head_sha), ISSUER, ANN).problem == ""


def test_another_identity_issuer_or_commit_is_refused(
    sigstore: LocalSigstore, signer: KeylessSigner, verifier: KeylessVerifier
) -> None:
    bundle = signer.sign(STATEMENT, sigstore.token(ANN, ISSUER))
    assert "wanted bob@acme.example" in verifier.check_identity(bundle, ISSUER, "bob@acme.example").problem
    assert "(by https://evil.example)" in verifier.check_identity(bundle, "https://evil.example", ANN).problem
    other = verifier.check_artifact(bundle, Artifact("gitCommit", "0" * 40), ISSUER, ANN).problem
    assert "; wanted gitCommit:0000" in other


def test_the_shim_gives_the_very_encoding_that_a_read_statement_gives() -> None:
    """For a statement that sigstore-python does read; both parts it rests on are private."""
    subject = [{"name": "it", "digest": {"sha256": "0" * 64}}]
    whole = {"_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": "https://x.example/v1"}
    content = json.dumps({**whole, "predicate": {}}).encode()
    assert as_it_is(content)._pae() == Statement(content)._pae()
    assert as_it_is(content)._contents == Statement(content)._contents


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b"{}", b"[" * 100_000, b'{"_type": "https://in-toto.io/Statement/v0.1"}']
)
def test_nothing_but_a_statement_is_signed(sigstore: LocalSigstore, signer: KeylessSigner, content: bytes) -> None:
    size = len(sigstore.log.leaves)
    with pytest.raises(CannotSign, match="saw bytes that are no in-toto statement; wanted"):
        signer.sign(content, sigstore.token(ANN, ISSUER))
    assert len(sigstore.log.leaves) == size


def test_a_token_that_does_not_serve_is_told_and_not_shown(signer: KeylessSigner) -> None:
    with pytest.raises(CannotSign, match=r"no identity token that serves \(IdentityError\).*audience `sigstore`") as refused:
        signer.sign(STATEMENT, "ey.secret.token")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_a_trust_configuration_that_cannot_be_used_is_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "trust.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CannotSign, match=r"saw no usable trust configuration at .*wanted `public`, `staging` or"):
        KeylessSigner(str(path)).sign(STATEMENT, "x")


def test_an_instance_that_is_gone_is_told(tmp_path: Path) -> None:
    gone = LocalSigstore()
    path = gone.write_client_config(tmp_path / "trust.json")
    token = gone.token(ANN, ISSUER)
    gone.close()
    with pytest.raises(CannotSign, match=r"refuse to sign or to log \(.*\); wanted a certificate and a log entry") as refused:
        KeylessSigner(str(path)).sign(STATEMENT, token)
    assert token not in str(refused.value)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside every CI, whose job would have an identity of its own."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("alone")
def test_where_no_provider_is_named_nobody_can_log_in(sigstore: LocalSigstore, tmp_path: Path) -> None:
    path = sigstore.write_client_config(tmp_path / "trust.json")
    with pytest.raises(CannotSign, match=r"no identity token that serves \(Error\); wanted a valid one; log in again"):
        KeylessSigner(str(path)).sign(STATEMENT)


def visit(url: str) -> bool:
    """A browser, as far as this page needs one."""
    with urllib.request.urlopen(url) as page:
        return bool(page.status == 200)


@pytest.mark.usefixtures("alone")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # sigstore-python leaves the page's socket to the collector
@pytest.mark.parametrize("refusing", [False, True])
def test_without_a_token_the_person_logs_in_with_their_browser(
    sigstore: LocalSigstore, verifier: KeylessVerifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: bool
) -> None:
    provider = Provider(lambda: sigstore.token(ANN, ISSUER), refusing)
    monkeypatch.setattr(webbrowser, "open", visit)
    signer = KeylessSigner(str(sigstore.write_client_config(tmp_path / "trust.json", provider.url)))
    if refusing:
        with pytest.raises(CannotSign, match=r"no identity token that serves \(IdentityError\); .*; log in again"):
            signer.sign(STATEMENT)
    else:
        assert verifier.check_identity(signer.sign(STATEMENT), ISSUER, ANN).payload == STATEMENT
    provider.close()
    gc.collect()


def test_sigstore_is_not_imported_before_something_is_signed() -> None:
    program = "import sys, integrations.sigstore.keyless_signer; sys.exit('sigstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
