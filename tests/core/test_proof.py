"""A statement with its proof, and the very bytes that were shown, out of it again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval import Approval
from bot.core.in_toto import NotAStatement, instant
from bot.core.proof import challenge_of, login_age, login_problem, proof_kind_problem, with_proof, without_proof
from bot.core.statement import Carried, read_statement, render_statement
from tests.core.test_statement import DECISION, HEAD

SHOWN = render_statement(replace(DECISION, strength="passkey", nonce="0a" * 16))


@given(st.dictionaries(st.text("abcXYZ", min_size=1), st.text(), max_size=4))
def test_the_shown_bytes_come_out_as_they_went_in(proof: dict[str, str]) -> None:
    assert without_proof(with_proof(SHOWN, "passkey", proof)) == SHOWN


def test_the_challenge_is_the_digest_of_what_was_shown() -> None:
    assert challenge_of(SHOWN) == hashlib.sha256(SHOWN).digest()
    assert challenge_of(without_proof(with_proof(SHOWN, "passkey", {"signature": "x"}))) == challenge_of(SHOWN)


def test_a_statement_takes_one_proof() -> None:
    with pytest.raises(ValueError, match="has its proof"):
        with_proof(with_proof(SHOWN, "passkey", {}), "passkey", {})


def test_a_proof_is_read_back_with_its_kind() -> None:
    approval = read_statement(with_proof(SHOWN, "passkey", {"signature": "x"}))
    assert dict(approval.proof) == {"kind": "passkey", "signature": "x"}
    assert proof_kind_problem(approval) == ""


@pytest.mark.parametrize("broken", [{"signature": 1}, ["x"], "x"])
def test_a_proof_of_another_shape_is_no_statement(broken: object) -> None:
    whole = json.loads(SHOWN)
    whole["predicate"]["proof"] = broken
    with pytest.raises(NotAStatement, match="wanted"):
        read_statement(json.dumps(whole).encode())


def test_a_strength_without_its_proof_is_no_strength() -> None:
    assert "with no proof; wanted passkey proof" in proof_kind_problem(read_statement(SHOWN))
    witnessed = read_statement(with_proof(render_statement(DECISION), "passkey", {}))
    assert "wanted no proof" in proof_kind_problem(witnessed)


def signed_in(minutes: float = 1, **changes: str) -> Approval:
    at = DECISION.decided_at
    proof = {"provider": "github:github.com", "subject": "1002", "at": instant(at), **changes}
    proof.setdefault("signedOn", instant(at + timedelta(minutes=minutes)))
    statement = render_statement(replace(DECISION, strength="reauthenticated"))
    return read_statement(with_proof(statement, "login", proof))


def test_a_sign_in_of_the_reviewers_own_account_proves_itself() -> None:
    assert login_problem(signed_in()) == ""
    assert login_age(signed_in(4)) == timedelta(minutes=4)


def test_a_sign_in_of_another_account_proves_nothing() -> None:
    assert "saw a sign-in of account 666; wanted account 1002" in login_problem(signed_in(subject="666"))


def test_a_sign_in_from_the_future_proves_nothing() -> None:
    assert "later than the decision" in login_problem(signed_in(-2))
    assert login_problem(signed_in(-0.5)) == ""  # clocks of two parties differ by so much


def test_a_sign_in_without_a_time_proves_nothing() -> None:
    assert "later than" in login_problem(signed_in(at="")) or "wanted ISO 8601" in login_problem(signed_in(at=""))


def test_what_an_approval_carries_on_is_read_back() -> None:
    carried = Carried("9" * 64, HEAD, "a clean rebase")
    approval = read_statement(render_statement(replace(DECISION, carried=carried)))
    assert approval.carried_from == "9" * 64


def test_a_keyless_reviewer_is_named_with_their_issuer() -> None:
    who = replace(DECISION.reviewer, identity=("https://issuer.example", "bob@acme.example"))
    approval = read_statement(render_statement(replace(DECISION, reviewer=who, strength="keyless")))
    assert approval.identity == ("https://issuer.example", "bob@acme.example")
