"""`llmgate verify-bundle`, by the command line that sigstore-conformance asks of a client."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from integrations.sigstore.keys import public_pem
from tests.integrations.sigstore.bundles import of_file, of_statement, statement
from tests.local_sigstore.authority import new_key
from tests.local_sigstore.instance import LocalSigstore

ANN, ISSUER = "ann@acme.example", "https://issuer.acme.example"
CONTENT = b"what was built\n"
KEY = new_key()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of each kind: bundles of Ann and of a key, the key, a trusted root, what was signed."""
    made, sigstore = tmp_path_factory.mktemp("bundles"), LocalSigstore()
    (made / "built").write_bytes(CONTENT)
    (made / "keyless").write_bytes(sigstore.sign_file(CONTENT, ANN, ISSUER))
    (made / "statement").write_bytes(sigstore.sign(statement(gitCommit="c" * 40), ANN, ISSUER))
    (made / "signed").write_bytes(of_file(KEY, CONTENT))
    (made / "about").write_bytes(of_statement(KEY, statement(gitCommit="c" * 40)))
    (made / "key").write_bytes(public_pem(KEY.public_key()))
    (made / "other").write_bytes(public_pem(new_key().public_key()))
    sigstore.write_trusted_root(made / "root")
    sigstore.close()
    return made


def run(folder: Path, *words: str) -> tuple[int, str]:
    """Exit code and the one line: `@name` is a file of the folder."""
    named = [str(folder / word[1:]) if word.startswith("@") else word for word in words]
    done = CliRunner().invoke(app, ["verify-bundle", *named])
    assert (done.exit_code == 0) is (done.stderr == "")
    assert (done.exit_code == 0) is done.stdout.startswith("Verified: ")
    assert done.stderr.count("\n") == (0 if done.exit_code == 0 else 1)
    return done.exit_code, done.stderr


BY_ANN = ("--certificate-identity", ANN, "--certificate-oidc-issuer", ISSUER, "--trusted-root", "@root")
BY_KEY = ("--key", "@key")
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
COMMIT = f"gitCommit:{'c' * 40}"


@pytest.mark.parametrize(
    "words",
    [
        ("--bundle", "@keyless", *BY_ANN, "@built"),
        ("--bundle", "@keyless", *BY_ANN, SHA256),
        ("--staging", "--bundle", "@keyless", *BY_ANN, "@built"),
        ("--bundle", "@statement", *BY_ANN, COMMIT),
        ("--bundle", "@signed", *BY_KEY, "@built"),
        ("--bundle", "@signed", *BY_KEY, "--trusted-root", "@root", SHA256),
        ("--bundle", "@about", *BY_KEY, COMMIT),
    ],
)
def test_a_good_bundle_is_accepted(folder: Path, words: tuple[str, ...]) -> None:
    assert run(folder, *words) == (0, "")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--bundle", "@keyless", *BY_ANN[:1], "bob@x.example", *BY_ANN[2:], "@built"), f"by {ANN} (by {ISSUER}); wanted bob@"),
        (("--bundle", "@keyless", *BY_ANN[:3], "https://x.example", *BY_ANN[4:], "@built"), "(by https://x.example)"),
        (("--bundle", "@keyless", *BY_ANN[:4], "@built"), "add its authority to `--trusted-root`"),
        (("--bundle", "@keyless", *BY_ANN[:4], "--staging", "@built"), "no authority of the trusted root"),
        (("--bundle", "@keyless", *BY_ANN[:5], "@key", "@built"), "saw a `--trusted-root` that cannot be read"),
        (("--bundle", "@keyless", *BY_ANN, "@key"), "does not verify"),
        (("--bundle", "@keyless", *BY_ANN, COMMIT), "the signature of a file, and gitCommit:"),
        (("--bundle", "@statement", *BY_ANN, f"sha1:{'c' * 40}"), "about no sha1 digest"),
        (("--bundle", "@signed", *BY_ANN, "@built"), "saw a signature that names a key"),
        (("--bundle", "@signed", "--key", "@other", "@built"), "did not make over these bytes"),
        (("--bundle", "@signed", "--key", "@built", "@built"), "that is no PEM public key"),
        (("--bundle", "@about", *BY_KEY, "@built"), "saw a statement about sha256:0000"),
        (("--bundle", "@key", *BY_KEY, "@built"), "no JSON"),
        (("--bundle", "@none", *BY_KEY, "@built"), "No such file or directory; wanted a file that can be read"),
        (("--bundle", "@signed", "--key", "@none", "@built"), "No such file"),
        (("--bundle", "@signed", *BY_KEY, "@none"), "wanted a file, or `sha256:`"),
        (("--bundle", "@signed", "@built"), "saw neither a whole identity nor a key alone"),
        (("--bundle", "@signed", *BY_KEY, *BY_ANN, "@built"), "saw neither a whole identity nor a key alone"),
        (("--bundle", "@keyless", *BY_ANN[:2], "@built"), "saw neither a whole identity nor a key alone"),
        (("--bundle", "@signed", *BY_KEY, *BY_ANN[:2], "@built"), "saw neither a whole identity nor a key alone"),
    ],
)  # fmt: skip
def test_any_other_is_refused_in_one_line(folder: Path, words: tuple[str, ...], says: str) -> None:
    code, line = run(folder, *words)
    assert code == 1
    for part in (says, "llmgate: saw ", "; wanted ", "; "):
        assert part in line
