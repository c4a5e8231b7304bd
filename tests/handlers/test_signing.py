"""The errand of signing: who proves themselves is queued once, and each thing that is wrong is refused in its own words."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import base64url
from bot.core.approval import Approval
from bot.core.events import StatementSigned
from bot.core.proof import challenge_of, with_proof
from bot.core.statement import read_statement
from bot.handlers.approvals import enrolments_of
from bot.handlers.identity.enrolment import remove_own
from bot.handlers.identity.proofs import ProofTools, proof_problem
from bot.handlers.identity.signing import Outcome, Slip, Taken, read_errand, take_assertion, take_bundle, take_login
from bot.handlers.identity.visits import Closed, find_visit
from bot.ports.trust import Proved
from integrations.sandbox.clock import FakeClock
from integrations.webauthn.assertions import Assertions
from storage.store import SqlStore
from tests.authenticator import PRESENT, Browser, SoftKey
from tests.handlers.errands import BOB, CHANGE, CHATS, HOME, SUE, URL, House, house


@pytest.fixture
def gate(store: SqlStore, clock: FakeClock, tmp_path: Path) -> House:
    return house(store, clock, tmp_path)


def answer(gate: House, token: str, key: SoftKey, browser: Browser = HOME) -> str:
    return key.sign(base64url.encode(challenge_of(gate.visit(token).statement)), "gate.acme.example", browser)


def sign(gate: House, token: str, key: SoftKey, browser: Browser = HOME) -> Outcome:
    return take_assertion(gate.kit, gate.visit(token), answer(gate, token, key, browser))


def queued(gate: House) -> StatementSigned:
    job = gate.kit.store.claim_job("test")
    assert job is not None
    assert job.lane == CHANGE.key
    assert isinstance(job.event, StatementSigned)
    return job.event


def test_a_passkey_signs_the_statement_and_what_is_queued_proves_it_offline(gate: House) -> None:
    key = gate.enrolled(SoftKey())
    key.counter = 5
    token = gate.ask()
    statement = gate.visit(token).statement
    assert sign(gate, token, key) == Taken(CHANGE)
    event = queued(gate)
    payload = with_proof(statement, "passkey", dict(event.proof))
    known = enrolments_of(gate.kit, read_statement(payload).person)
    assert proof_problem(read_statement(payload), payload, ProofTools(Assertions()), known) == ""
    with gate.kit.store.look() as unit:
        row = unit.passkey(key.id)
    assert row is not None
    assert (row.sign_count, row.last_used_at) == (5, gate.clock.now())


def test_an_errand_is_signed_once(gate: House) -> None:
    key = gate.enrolled(SoftKey())
    token = gate.ask()
    visit, response = gate.visit(token), answer(gate, token, key)
    assert take_assertion(gate.kit, visit, response) == Taken(CHANGE)
    again = take_assertion(gate.kit, visit, response)
    assert isinstance(again, Closed)
    assert "used already" in again.because
    found = find_visit(gate.kit, token)
    assert isinstance(found, Closed)
    assert "used already, at 09:00 UTC: it works once" in found.because
    queued(gate)
    assert gate.kit.store.claim_job("test") is None


def test_a_link_dies_after_five_minutes(gate: House) -> None:
    key = gate.enrolled(SoftKey())
    token = gate.ask()
    visit, response = gate.visit(token), answer(gate, token, key)
    gate.clock.advance(timedelta(minutes=5))
    found = find_visit(gate.kit, token)
    assert found == Closed("This link expired at 09:05 UTC.", "Press the button on the card again for a new one.")
    late = take_assertion(gate.kit, visit, response)
    assert isinstance(late, Closed)
    assert "expired just now" in late.because


def test_an_assertion_over_another_statement_is_a_replay_and_ends_the_link(gate: House) -> None:
    key = gate.enrolled(SoftKey())
    earlier = gate.ask(change=lambda made: replace(made, nonce="01"))
    token = gate.ask()
    refused = take_assertion(gate.kit, gate.visit(token), answer(gate, earlier, key))
    assert isinstance(refused, Closed)
    assert refused.because.startswith("Nothing was signed: saw a signature over another challenge")
    assert isinstance(find_visit(gate.kit, token), Closed)
    assert sign(gate, earlier, key) == Taken(CHANGE)


def test_another_persons_key_ends_the_link(gate: House) -> None:
    gate.enrolled(SoftKey())
    hers = gate.enrolled(SoftKey(id=base64url.encode(b"sue")), "sue", "phone")
    token = gate.ask()
    refused = sign(gate, token, hers)
    assert isinstance(refused, Closed)
    assert "saw a passkey that is somebody else's; wanted one of the passkeys of bob" in refused.because
    assert isinstance(find_visit(gate.kit, token), Closed)


def test_another_key_under_a_known_name_ends_the_link(gate: House) -> None:
    gate.enrolled(SoftKey())
    refused = sign(gate, gate.ask(), SoftKey())
    assert isinstance(refused, Closed)
    assert "saw a signature that does not hold" in refused.because


def test_a_removed_key_signs_nothing(gate: House) -> None:
    key = gate.enrolled(SoftKey())
    remove_own(gate.kit, CHATS["bob"], "laptop")
    refused = sign(gate, gate.ask(), key)
    assert isinstance(refused, Closed)
    assert "saw a passkey that is removed, or never enrolled" in refused.because


def test_a_row_that_no_record_vouches_for_is_no_enrolment(gate: House) -> None:
    key = SoftKey()
    gate.enrolled(key)
    with gate.kit.store.begin() as unit:
        row = unit.passkey(key.id)
        assert row is not None
        planted = replace(row, id=base64url.encode(b"planted"), record="0" * 64)
        assert unit.add_passkey(planted)
        unit.commit()
    refused = sign(gate, gate.ask(), replace(key, id=planted.id))
    assert isinstance(refused, Closed)
    assert "whose enrolment is record 0000000000000000" in refused.because


def test_a_key_that_did_not_verify_its_user_is_a_slip(gate: House) -> None:
    key = gate.enrolled(SoftKey())
    token = gate.ask()
    slipped = sign(gate, token, key, Browser(URL, flags=PRESENT))
    assert isinstance(slipped, Slip)
    assert "did not verify its user; wanted a fingerprint, a face or a PIN" in slipped.problem
    assert sign(gate, token, key) == Taken(CHANGE)


@pytest.mark.parametrize(
    ("browser", "says"),
    [
        (Browser("https://evil.example"), "used at https://evil.example; wanted https://gate.acme.example"),
        (Browser(URL, extra={"crossOrigin": True}), "in a frame of another page"),
        (Browser(URL, extra={"type": "webauthn.create"}), "saw a ceremony webauthn.create"),
    ],
)
def test_what_our_page_would_not_send_ends_the_link(gate: House, browser: Browser, says: str) -> None:
    key = gate.enrolled(SoftKey())
    token = gate.ask()
    refused = sign(gate, token, key, browser)
    assert isinstance(refused, Closed)
    assert says in refused.because
    assert isinstance(find_visit(gate.kit, token), Closed)


@pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature"])
def test_one_changed_byte_is_refused(gate: House, field: str) -> None:
    key = gate.enrolled(SoftKey())
    token = gate.ask()
    whole = json.loads(answer(gate, token, key))
    content = bytearray(base64url.decode(whole["response"][field]))
    content[len(content) // 2] ^= 1
    whole["response"][field] = base64url.encode(bytes(content))
    refused = take_assertion(gate.kit, gate.visit(token), json.dumps(whole))
    assert isinstance(refused, Closed)
    assert refused.because.startswith("Nothing was signed: saw ")
    assert gate.kit.store.claim_job("test") is None


def test_a_counter_that_falls_is_told_and_stops_nobody(gate: House, capsys: pytest.CaptureFixture[str]) -> None:
    key = gate.enrolled(SoftKey())
    for counter in (9, 3):
        key.counter = counter
        nonce = f"{counter:02}"
        token = gate.ask(change=lambda made, nonce=nonce: replace(made, nonce=nonce))  # type: ignore[misc]  # binds this turn's
        assert sign(gate, token, key) == Taken(CHANGE)
    assert "counts backwards" in capsys.readouterr().out
    with gate.kit.store.look() as unit:
        row = unit.passkey(key.id)
    assert row is not None
    assert row.sign_count == 9


def test_a_request_that_is_over_or_moved_has_nothing_to_sign(gate: House) -> None:
    token = gate.ask()
    assert isinstance(read_errand(gate.kit, gate.visit(token)), Approval)
    with gate.kit.store.begin() as unit:
        assert unit.move_request("tok", 1, "approved", gate.clock.now())
        unit.commit()
    moved = read_errand(gate.kit, gate.visit(token))
    assert isinstance(moved, Closed)
    assert "saw revision 2; wanted 1" in moved.because
    with gate.kit.store.begin() as unit:
        assert unit.move_request("tok", 2, "void", gate.clock.now())
        unit.commit()
    over = read_errand(gate.kit, gate.visit(token))
    assert isinstance(over, Closed)
    assert "is over: a push or another policy ended it" in over.because


def test_a_fresh_sign_in_of_the_reviewer_proves_reauthenticated(gate: House) -> None:
    token = gate.ask("reauthenticated", provider="github:github.com")
    visit = gate.visit(token)
    for signed, says in (
        (gate.login(SUE), "saw a sign-in as @sue on github.com; wanted an account of bob"),
        (gate.login(BOB, timedelta(minutes=16)), "saw a sign-in of 16 minutes ago; wanted one of at most 15"),
    ):
        slipped = take_login(gate.kit, visit, signed)
        assert isinstance(slipped, Slip)
        assert says in slipped.problem
    assert take_login(gate.kit, visit, gate.login(BOB, timedelta(minutes=15))) == Taken(CHANGE)
    proof = dict(queued(gate).proof)
    assert (proof["provider"], proof["subject"], proof["asserted"]) == ("github:github.com", "1002", "code-exchange")


@dataclass(frozen=True)
class OnlyBob:
    """Takes the bundle `{}` over these bytes, of one identity."""

    payload: bytes

    def check_identity(self, content: bytes, payload: bytes, issuer: str, identity: str) -> Proved:
        good = (content, payload, issuer, identity) == (b"{}", self.payload, "https://issuer.example", "bob@acme.example")
        return Proved("" if good else "saw another bundle; wanted Bob's; sign again")


def keyless(gate: House, change: Callable[[Approval], Approval] = lambda it: it) -> tuple[House, str]:
    named = ("https://issuer.example", "bob@acme.example")
    token = gate.ask("keyless", lambda made: replace(made, reviewer=replace(made.reviewer, identity=named)))
    trust = replace(gate.kit.trust, keyless=OnlyBob(gate.visit(token).statement))
    return House(replace(gate.kit, trust=trust), gate.clock), token


def test_a_bundle_of_the_named_identity_proves_keyless_and_another_is_a_slip(gate: House) -> None:
    gate, token = keyless(gate)
    slipped = take_bundle(gate.kit, gate.visit(token), b"[]")
    assert slipped == Slip("saw another bundle; wanted Bob's; sign again")
    assert take_bundle(gate.kit, gate.visit(token), b"{}") == Taken(CHANGE)
    assert dict(queued(gate).proof) == {"bundle": base64.b64encode(b"{}").decode()}


def test_a_proof_of_another_kind_than_was_asked_for_is_refused(gate: House) -> None:
    key = gate.enrolled(SoftKey())
    token = gate.ask("reauthenticated")
    refused = sign(gate, token, key)
    assert isinstance(refused, Closed)
    assert "saw a passkey proof of a statement that says reauthenticated" in refused.because
    slipped = take_bundle(gate.kit, gate.visit(gate.ask()), b"{}")
    assert isinstance(slipped, Slip)
    assert "saw a keyless proof of a statement that says passkey" in slipped.problem
