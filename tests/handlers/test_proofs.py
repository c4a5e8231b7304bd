"""What proves a strength above witnessed: each fault of a proof is refused with its own words, offline as at the gate."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core import base64url
from bot.core.approval import Approval, Strength
from bot.core.ids import ChangeRef, ChatUser, CommitSha, ForgeAccount, PersonId, RepoRef
from bot.core.in_toto import canonical, instant
from bot.core.proof import challenge_of, with_proof
from bot.core.records import Record, read_record, render_record
from bot.core.statement import Decision, Reviewer, Target, Terms, read_statement, render_statement
from bot.handlers.identity.proofs import Enrolment, ProofTools, proof_problem, read_enrolments
from bot.ports.trust import Proved
from integrations.webauthn.assertions import Assertions
from integrations.webauthn.passkeys import WebAuthnPasskeys
from tests.authenticator import PRESENT, Browser, SoftKey

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PLACE = ("gate.acme.example", "https://gate.acme.example")
HOME = Browser(PLACE[1])
ENROLLED = "e" * 64
KEY = SoftKey()
TOOLS = ProofTools(Assertions())
BOB = Reviewer(PersonId("bob"), ForgeAccount("github", "github.com", 1002, "bob"), ChatUser("T1", "U2"), ())


def shown(strength: Strength, reviewer: Reviewer = BOB, nonce: str = "00") -> bytes:
    """The statement as its signer sees it."""
    change = ChangeRef(RepoRef("github", "github.com", "acme/shop"), 7)
    target = Target(change, "https://github.com/acme/shop/pull/7", CommitSha("a" * 40), "b" * 40, "main", "c" * 40, "d" * 64)
    terms = Terms("high", "e" * 64, ".llmgate/policy.yaml at main")
    return render_statement(Decision(target, reviewer, terms, "approved", strength, AT, nonce=nonce))


def record(credential: SoftKey = KEY, person: str = "bob", changes: dict[str, str] | None = None) -> Record:
    details = {"credentialId": credential.id, "publicKey": base64url.encode(credential.cose()), "rpId": PLACE[0]}
    details |= {"origin": PLACE[1], "label": "laptop", **(changes or {})}
    return read_record(render_record(Record("passkey", f"person:{person}", AT - timedelta(days=9), details)))


def removal(at: datetime, of: str = ENROLLED) -> tuple[str, Record]:
    return "f" * 64, Record("passkey-removed", "person:bob", at, {}, regards=of)


def assertion(statement: bytes, key: SoftKey = KEY, browser: Browser = HOME) -> dict[str, str]:
    passkeys = WebAuthnPasskeys(PLACE[1])
    read = passkeys.read_assertion(key.get(passkeys.request_options([key.id], challenge_of(statement)), browser))
    assert not isinstance(read, str)
    return {**read, "record": ENROLLED}


def problem(payload: bytes, records: list[tuple[str, Record]] | None = None, tools: ProofTools = TOOLS) -> str:
    enrolments = read_enrolments([(ENROLLED, record())] if records is None else records)
    return proof_problem(read_statement(payload), payload, tools, enrolments)


STATEMENT = shown("passkey")
SIGNED = with_proof(STATEMENT, "passkey", assertion(STATEMENT))


def altered(*path: str, value: str) -> bytes:
    whole = json.loads(SIGNED)
    holder = whole["predicate"]
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    return canonical(whole)


def test_a_passkey_over_the_very_statement_is_proof() -> None:
    assert problem(SIGNED) == ""


def test_an_enrolment_reads_back_from_its_record() -> None:
    (read,) = read_enrolments([(ENROLLED, record()), removal(AT)])
    wanted = Enrolment(ENROLLED, PersonId("bob"), KEY.id, KEY.cose(), *PLACE, AT - timedelta(days=9), AT)
    assert read == wanted


@pytest.mark.parametrize(
    "change", [{"publicKey": ""}, {"publicKey": "no!"}, {"credentialId": ""}, {"origin": ""}, {"rpId": ""}]
)
def test_an_enrolment_that_does_not_say_all_serves_for_nothing(change: dict[str, str]) -> None:
    assert read_enrolments([(ENROLLED, record(changes=change))]) == ()
    assert "whose enrolment is record eeeeeeeeeeeeeeee; wanted one of" in problem(SIGNED, [(ENROLLED, record(changes=change))])


@pytest.mark.parametrize(
    ("path", "value"), [(("reason",), "other"), (("riskTier",), "low"), (("nonce",), "01"), (("policy", "uri"), "elsewhere")]
)
def test_a_statement_changed_after_it_was_shown_is_not_the_one_signed(path: tuple[str, ...], value: str) -> None:
    assert "saw a signature over another challenge" in problem(altered(*path, value=value))


def test_a_proof_is_not_of_another_statement() -> None:
    replayed = with_proof(shown("passkey", nonce="77"), "passkey", assertion(STATEMENT))
    assert "saw a signature over another challenge" in problem(replayed)


def test_another_persons_key_is_no_proof() -> None:
    said = problem(SIGNED, [(ENROLLED, record(person="sue"))])
    assert said == "saw a passkey of sue; wanted one of bob, who is named as the reviewer; decide again"


def test_another_key_of_that_name_and_another_name_for_the_key_are_no_proof() -> None:
    assert "a signature that does not hold" in problem(SIGNED, [(ENROLLED, record(SoftKey()))])
    other = replace(KEY, id=base64url.encode(b"another-credential"))
    assert "wanted the one that was enrolled" in problem(SIGNED, [(ENROLLED, record(other))])


def test_a_key_counts_until_it_was_removed() -> None:
    known = (ENROLLED, record())
    assert "was removed on 2026-03-02 10:00 UTC; wanted one that is in use" in problem(SIGNED, [known, removal(AT)])
    assert problem(SIGNED, [known, removal(AT + timedelta(seconds=1))]) == ""
    assert problem(SIGNED, [known, removal(AT - timedelta(days=1), of="0" * 64)]) == ""
    later = removal(AT + timedelta(days=1))
    assert "was removed" in problem(SIGNED, [known, later, removal(AT - timedelta(days=1)), later])


def test_a_key_serves_at_the_place_of_its_enrolment_alone() -> None:
    assert "wanted https://other.example; open the link" in problem(
        SIGNED, [(ENROLLED, record(changes={"origin": "https://other.example"}))]
    )
    assert "of another site; wanted one of other.example" in problem(
        SIGNED, [(ENROLLED, record(changes={"rpId": "other.example"}))]
    )


def test_a_key_that_did_not_verify_its_user_is_no_proof() -> None:
    unverified = with_proof(STATEMENT, "passkey", assertion(STATEMENT, browser=Browser(PLACE[1], flags=PRESENT)))
    assert "did not verify its user; wanted a fingerprint, a face or a PIN" in problem(unverified)


def test_each_strength_asks_for_its_own_proof() -> None:
    assert problem(shown("witnessed")) == ""
    assert problem(shown("passkey")) == "saw strength passkey with no proof; wanted passkey proof; decide again"
    assert "with passkey proof; wanted no proof" in problem(
        with_proof(shown("witnessed"), "passkey", assertion(shown("witnessed")))
    )
    assert "with login proof; wanted keyless" in problem(with_proof(shown("keyless"), "login", {}))


def login(**changes: str) -> bytes:
    proof = {"provider": "github:github.com", "issuer": "https://github.com", "subject": "1002", "login": "bob"}
    proof |= {"at": instant(AT), "asserted": "code-exchange", "signedOn": instant(AT + timedelta(minutes=1)), **changes}
    return with_proof(shown("reauthenticated"), "login", proof)


def test_a_fresh_login_of_the_reviewer_is_proof_and_of_another_is_not() -> None:
    assert problem(login()) == ""
    assert "wanted account 1002, who is named as the reviewer; sign in again" in problem(login(subject="1003"))
    assert "later than the decision's end" in problem(login(at=instant(AT + timedelta(minutes=9))))
    assert "wanted ISO 8601; sign in again" in problem(login(at="yesterday"))


@dataclass(frozen=True)
class OneBundle:
    """Takes one bundle, over one payload, of one identity."""

    payload: bytes

    def check_identity(self, content: bytes, payload: bytes, issuer: str, identity: str) -> Proved:
        seen = (content, payload, issuer, identity)
        return Proved("" if seen == (b"{}", self.payload, "https://issuer.example", "bob@acme.example") else f"saw {seen}")


def test_a_keyless_bundle_is_checked_over_what_was_shown_and_for_the_identity_named() -> None:
    reviewer = replace(BOB, identity=("https://issuer.example", "bob@acme.example"))
    statement = shown("keyless", reviewer)
    signed = with_proof(statement, "keyless", {"bundle": base64.b64encode(b"{}").decode()})
    tools = ProofTools(keyless=OneBundle(statement))
    assert problem(signed, tools=tools) == ""
    assert "saw (" in problem(signed, tools=ProofTools(keyless=OneBundle(b"other")))
    assert "wanted a trusted root; set `signing.trusted_root`" in problem(signed, tools=ProofTools())
    nameless = with_proof(shown("keyless"), "keyless", {"bundle": "e30="})
    assert "the statement names no identity" in problem(nameless, tools=tools)
    garbled = with_proof(statement, "keyless", {"bundle": "%%%"})
    assert "no base64" in problem(garbled, tools=tools)


def test_without_a_tool_nothing_is_proved() -> None:
    assert "nothing to check it with" in problem(SIGNED, tools=ProofTools())
    approval: Approval = read_statement(SIGNED)
    assert "wanted one of this organisation's records" in proof_problem(approval, SIGNED, TOOLS, ())
