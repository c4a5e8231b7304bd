"""`llmgate approve --keyless`, on a Sigstore of our own: from the page's link to an approval that counts, and every refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli.approve import publishes_at
from bot.cli.hands import Hands
from bot.cli.layout import POLICY, Layout
from bot.cli.main import app
from bot.cli.playground import Playground, build_playground
from bot.core.approval import Approval
from bot.core.statement import read_statement
from bot.handlers.approvals import read_stored
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.keyless_signer import KeylessSigner
from tests.local_sigstore.instance import LocalSigstore

ISSUER, BOB = "https://issuer.acme.example", "bob@acme.example"
KEYLESS = POLICY + "tiers:\n  high:\n    strength: keyless\n"
LINK = re.compile(r'"(http://localhost:\d+/visit/[\w-]+)"')


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    instance = LocalSigstore()
    yield instance
    instance.close()


@pytest.fixture
def trust(sigstore: LocalSigstore, tmp_path: Path) -> str:
    return str(sigstore.write_client_config(tmp_path / "client.json"))


@pytest.fixture
def world(sigstore: LocalSigstore, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """The file of people knows the identities of Bob and Sue, and the policy wants them under high-tier changes."""
    root = sigstore.write_trusted_root(tmp_path / "trusted_root.json")
    playground = build_playground(Layout(tmp_path / "world", sqlite_url, signing={"trusted_root": str(root)}), clock)
    try:
        file = tmp_path / "world" / "people.yaml"
        people = yaml.safe_load(file.read_text())
        for name in ("bob", "sue"):
            people["people"][name]["keyless"] = {"issuer": ISSUER, "identity": f"{name}@acme.example"}
        file.write_text(yaml.safe_dump(people))
        playground.push_policy(KEYLESS)
        playground.open_generated()
        playground.settle()
        yield playground
    finally:
        playground.close()


def link_for(world: Playground, name: str) -> str:
    hands = Hands(world, name)
    assert hands.approve(1, reason="Reads well").taken
    found = [link for message in world.slack.ephemerals(hands.user) for link in LINK.findall(json.dumps(message.blocks))]
    return str(found[-1])


def approve(link: str, trust: str, token: str, *more: str, change: str = "acme/shop#1") -> Result:
    words = ["approve", change, "--keyless", "--link", link, "--trust-config", trust, "--identity-token", "-", *more]
    return CliRunner().invoke(app, words, input=f"{token}\n")


def decisions(world: Playground) -> list[Approval]:
    with world.gate.kit.store.look() as unit:
        stored = unit.approvals(world.ref(1))
    return [one for one in read_stored(world.gate.kit, stored, world.ref(1)) if isinstance(one, Approval)]


def test_a_reviewer_signs_as_themselves_and_the_approval_counts(world: Playground, sigstore: LocalSigstore, trust: str) -> None:
    link = link_for(world, "bob")
    page = httpx.get(link, trust_env=False).text
    assert f"llmgate approve &#x27;acme/shop#1&#x27; --keyless --link {link}" in page
    assert f"as {BOB}, as {ISSUER} knows you" in page
    done = approve(link, trust, sigstore.token(BOB, ISSUER))
    assert done.exit_code == 0, done.output
    shown = " ".join(done.output.split())
    assert "This is what you sign, for ever and for anybody to read" in shown
    assert f"{BOB}, as {ISSUER} knows them" in shown
    assert "I approve this change" in shown
    assert done.output.rstrip().endswith("Signed. The card of acme/shop#1 shows it in a moment.")
    world.settle()
    (approval,) = decisions(world)
    assert (approval.strength, approval.identity, approval.person) == ("keyless", (ISSUER, BOB), "bob")
    assert "waiting for security" in world.card(1).text


@pytest.mark.parametrize(
    ("identity", "issuer", "says"),
    [
        ("eve@acme.example", ISSUER, f"saw a login as eve@acme.example (by {ISSUER}); wanted {BOB} (by {ISSUER})"),
        (BOB, "https://evil.example", f"saw a login as {BOB} (by https://evil.example); wanted {BOB} (by {ISSUER})"),
    ],
)
def test_another_identity_or_issuer_signs_nothing(
    world: Playground, sigstore: LocalSigstore, trust: str, identity: str, issuer: str, says: str
) -> None:
    size = len(sigstore.log.leaves)
    refused = approve(link_for(world, "bob"), trust, sigstore.token(identity, issuer))
    assert refused.exit_code == 1
    assert says in refused.output
    assert "nothing was signed" in refused.output
    assert len(sigstore.log.leaves) == size


@pytest.mark.parametrize(
    ("identity", "issuer", "says"),
    [
        ("eve@acme.example", ISSUER, f"wanted {BOB}"),
        (BOB, "https://evil.example", "(by https://evil.example)"),
    ],
)
def test_a_bundle_of_another_identity_or_issuer_is_refused_at_the_gate_and_the_link_survives(
    world: Playground, sigstore: LocalSigstore, trust: str, identity: str, issuer: str, says: str
) -> None:
    link = link_for(world, "bob")
    statement = httpx.get(f"{link}/statement", trust_env=False).content
    forged = KeylessSigner(trust).sign(statement, sigstore.token(identity, issuer))
    refused = httpx.post(f"{link}/bundle", content=forged, trust_env=False)
    assert refused.status_code == 422
    assert refused.text.startswith("Nothing was signed: saw ")
    assert says in refused.text
    assert approve(link, trust, sigstore.token(BOB, ISSUER)).exit_code == 0


def test_a_bundle_over_another_statement_or_none_is_refused(world: Playground, sigstore: LocalSigstore, trust: str) -> None:
    earlier, link = link_for(world, "bob"), link_for(world, "bob")
    statement = httpx.get(f"{earlier}/statement", trust_env=False).content
    other = KeylessSigner(trust).sign(statement, sigstore.token(BOB, ISSUER))
    refused = httpx.post(f"{link}/bundle", content=other, trust_env=False)
    assert (refused.status_code, "over another statement" in refused.text) == (422, True)
    for content, status in ((b"{}", 422), (b"x" * (1024 * 1024 + 1), 413)):
        assert httpx.post(f"{link}/bundle", content=content, trust_env=False).status_code == status
    assert decisions(world) == []


def test_a_statement_about_another_change_is_not_signed(world: Playground, sigstore: LocalSigstore, trust: str) -> None:
    link = link_for(world, "bob")
    for change in ("acme/shop#2", "acme/other#1", "group/project!1", "7", "https://github.com/acme/shop/pull/1"):
        refused = approve(link, trust, sigstore.token(BOB, ISSUER), change=change)
        assert refused.exit_code == 1
        assert f"saw a statement about acme/shop#1 on github.sandbox; wanted one about {change}" in refused.output
    assert (
        approve(link, trust, sigstore.token(BOB, ISSUER), change=f"https://{world.forge.host}/acme/shop/pull/1").exit_code == 0
    )


def test_a_statement_that_asks_for_another_strength_is_not_signed(
    world: Playground, sigstore: LocalSigstore, trust: str
) -> None:
    world.clock.advance(timedelta(minutes=1))
    world.push_policy(KEYLESS.replace("keyless", "passkey"))
    world.settle()
    refused = approve(link_for(world, "bob"), trust, sigstore.token(BOB, ISSUER))
    assert "saw a statement that asks for strength passkey; wanted keyless; open the link in a browser" in refused.output


def test_an_expired_link_says_so(world: Playground, sigstore: LocalSigstore, trust: str) -> None:
    link = link_for(world, "bob")
    world.clock.advance(timedelta(minutes=5))
    refused = approve(link, trust, sigstore.token(BOB, ISSUER))
    assert refused.exit_code == 1
    assert "This link expired at 09:05 UTC. Press the button on the card again" in refused.output


def test_the_public_log_is_written_to_only_by_consent(world: Playground, sigstore: LocalSigstore, trust: str) -> None:
    whole = json.loads(Path(trust).read_text())
    whole["signingConfig"]["rekorTlogUrls"][0]["url"] = "https://rekor.sigstore.dev"
    Path(trust).write_text(json.dumps(whole))
    size = len(sigstore.log.leaves)
    refused = approve(link_for(world, "bob"), trust, sigstore.token(BOB, ISSUER))
    assert refused.exit_code == 2
    assert f"{BOB}, and that you signed this, will stand in the public log rekor.sigstore.dev for ever." in refused.output
    assert "saw nobody to ask whether that may be; wanted --publish-my-address; nothing was signed" in refused.output
    assert len(sigstore.log.leaves) == size


def test_which_instances_publish_is_known_beforehand(trust: str, tmp_path: Path) -> None:
    assert publishes_at("public") == "rekor.sigstore.dev"
    assert publishes_at("staging") == "rekor.sigstage.dev"
    assert publishes_at(trust) == ""
    assert publishes_at(str(tmp_path / "none.json")) == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--link", "https://gate.example/visit/x"], "saw no --keyless"),
        (["--keyless", "--link", "http://gate.example/visit/x"], "saw a link that is none of the gate's pages"),
        (["--keyless", "--link", "https://gate.example/else"], "saw a link that is none of the gate's pages"),
        (
            ["--keyless", "--link", "https://gate.example/visit/x", "--identity-token", "ey.secret"],
            "saw a token on the command",
        ),
        (["--keyless", "--link", "http://localhost:1/visit/x"], "saw no answer of localhost:1"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is(words: list[str], says: str) -> None:
    refused = CliRunner().invoke(app, ["approve", "acme/shop#1", *words])
    assert refused.exit_code in (2, 3)
    assert says in refused.output
    assert "secret" not in refused.output


def test_what_is_shown_is_what_is_signed(world: Playground, sigstore: LocalSigstore, trust: str) -> None:
    link = link_for(world, "bob")
    statement = httpx.get(f"{link}/statement", trust_env=False).content
    done = approve(link, trust, sigstore.token(BOB, ISSUER))
    assert statement.decode() in done.output
    assert read_statement(statement).id in done.output
