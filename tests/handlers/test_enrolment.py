"""Passkeys of a person: enrolled behind a fresh sign-in of their own, recorded, told, removed, and never another's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import base64url
from bot.core.ids import ChatUser, PersonId
from bot.core.notice import flat
from bot.core.records import read_record
from bot.handlers.approvals import enrolments_of
from bot.handlers.identity.enrolment import Answer, Enrolled, creation_options, enrol, free_label, list_passkeys, remove_own
from bot.handlers.identity.signing import Slip
from bot.handlers.identity.visits import Closed
from bot.ports.identity import Visit
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.authenticator import PRESENT, Browser, SoftKey
from tests.handlers.errands import BOB, CHATS, HOME, SUE, URL, House, house


@pytest.fixture
def gate(store: SqlStore, clock: FakeClock, tmp_path: Path) -> House:
    return house(store, clock, tmp_path)


def words(notice: object) -> str:
    sections = getattr(notice, "sections", ())
    return " ".join([notice.summary, *(flat(line) for section in sections for line in section.lines)])  # type: ignore[attr-defined]  # a Notice


def errand(gate: House) -> str:
    return gate.begin(Visit("", "enrol", CHATS["bob"], PersonId("bob"), gate.clock.now()))


def test_an_enrolment_is_a_row_a_record_and_a_word_to_its_owner(gate: House) -> None:
    key = gate.enrolled(SoftKey())
    (enrolment,) = enrolments_of(gate.kit, PersonId("bob"))
    assert (enrolment.credential_id, enrolment.public_key) == (key.id, key.cose())
    assert (enrolment.rp_id, enrolment.origin, enrolment.removed_at) == ("gate.acme.example", URL, None)
    with gate.kit.store.look() as unit:
        (row,) = unit.passkeys(PersonId("bob"))
        (stored,) = unit.records("person:bob")
    assert (row.record, row.label, row.public_key) == (enrolment.record_id, "laptop", key.cose())
    details = read_record(gate.kit.trust.verifier.open_record(stored.bundle).payload).details
    assert details["publicKey"] == base64url.encode(key.cose())
    assert (details["account"], details["login"], details["label"]) == (BOB.key, "bob", "laptop")
    assert details["loginAt"].startswith("2026-03-03T09:00")
    assert gate.whispers() == [("U2", "A passkey was added to your name: laptop")]


def test_an_errand_enrols_one_passkey_and_a_passkey_is_enrolled_once(gate: House) -> None:
    token = errand(gate)
    visit = gate.visit(token)
    options = creation_options(gate.kit, visit, token)
    first, second = SoftKey(), SoftKey(id=base64url.encode(b"second"))
    assert enrol(gate.kit, visit, gate.login(), Answer(token, first.create(options, HOME), "a")) == Enrolled("a")
    again = enrol(gate.kit, visit, gate.login(), Answer(token, second.create(options, HOME), "b"))
    assert isinstance(again, Closed)
    assert "used already" in again.because
    known = gate.enrol(SoftKey(id=first.id), "sue")
    assert isinstance(known, Closed)
    assert "was enrolled before" in known.because
    assert len(enrolments_of(gate.kit, PersonId("sue"))) == 0


@pytest.mark.parametrize(
    ("account", "ago", "says"),
    [
        (SUE, timedelta(), "saw a sign-in as @sue on github.com; wanted an account of bob"),
        (BOB, timedelta(minutes=11), "saw a sign-in of 11 minutes ago; wanted one of at most 10"),
    ],
)
def test_only_a_fresh_sign_in_of_ones_own_lets_one_enrol(gate: House, account: object, ago: timedelta, says: str) -> None:
    token = errand(gate)
    sent = Answer(token, SoftKey().create(creation_options(gate.kit, gate.visit(token), token), HOME), "a")
    signed = gate.login(account, ago)  # type: ignore[arg-type]  # of the table above
    refused = enrol(gate.kit, gate.visit(token), signed, sent)
    assert isinstance(refused, Slip)
    assert says in refused.problem
    nobody = enrol(gate.kit, gate.visit(token), None, sent)
    assert isinstance(nobody, Slip)
    assert "nobody signed in" in nobody.problem
    assert enrol(gate.kit, gate.visit(token), gate.login(), sent) == Enrolled("a")  # the link still served


def test_an_answer_to_another_errand_or_without_verification_enrols_nothing(gate: House) -> None:
    other = errand(gate)
    token = errand(gate)
    elsewhere = SoftKey().create(creation_options(gate.kit, gate.visit(other), other), HOME)
    refused = enrol(gate.kit, gate.visit(token), gate.login(), Answer(token, elsewhere, ""))
    assert isinstance(refused, Slip)
    assert "another challenge" in refused.problem
    unverified = gate.enrol(SoftKey(), browser=Browser(URL, flags=PRESENT))
    assert isinstance(unverified, Slip)
    assert "did not verify its user" in unverified.problem
    assert enrolments_of(gate.kit, PersonId("bob")) == ()


def test_the_list_shows_ones_own_keys_and_a_private_way_to_add_one(gate: House) -> None:
    assert words(list_passkeys(gate.kit, CHATS["bob"])).startswith("You have no passkey here yet")
    gate.enrolled(SoftKey())
    gate.enrolled(SoftKey(id=base64url.encode(b"sue")), "sue", "phone")
    listed = list_passkeys(gate.kit, CHATS["bob"])
    assert listed.summary == "You have 1 passkey"
    assert "laptop · added 2026-03-03 09:00 UTC · never used" in words(listed)
    assert "phone" not in words(listed)
    assert gate.visit(listed.controls[0].url.rpartition("/")[2]).kind == "enrol"
    assert "tied to no forge account" in words(list_passkeys(gate.kit, ChatUser("T1", "U9")))


def test_a_removed_key_is_recorded_as_removed_and_once(gate: House) -> None:
    gate.enrolled(SoftKey(), label="Laptop")
    assert "You have no passkey 'phone': saw Laptop" in words(remove_own(gate.kit, CHATS["bob"], "phone"))
    assert "saw none" in words(remove_own(gate.kit, CHATS["sue"], "laptop"))
    gate.clock.advance(timedelta(hours=1))
    assert "was removed" in words(remove_own(gate.kit, CHATS["bob"], " laptop "))
    (enrolment,) = enrolments_of(gate.kit, PersonId("bob"))
    assert enrolment.removed_at == gate.clock.now()
    assert "saw none" in words(remove_own(gate.kit, CHATS["bob"], "laptop"))
    with gate.kit.store.look() as unit:
        kinds = [record.kind for record in unit.records("person:bob")]
    assert kinds == ["passkey", "passkey-removed"]


def test_names_of_keys_are_one_line_and_differ() -> None:
    assert free_label("  my\u202ekey\n ", []) == "my\ufffdkey"
    assert free_label("Laptop", ["laptop", "Laptop 2"]) == "Laptop 3"
    assert free_label(" \u200b ", []).startswith("passkey ")
    assert len(free_label("x" * 99, [])) == 40
