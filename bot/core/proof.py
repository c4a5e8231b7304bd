"""What proves that a person themselves approved: added to the statement after they signed it, and signed over by the gate.

The person signs the statement *without* its `proof`: a passkey signs a challenge that is the SHA-256 of those bytes, a keyless
signer signs those bytes as an in-toto payload. Whoever verifies takes the proof out again, and has the very bytes shown.

    login    a fresh sign-in at the forge or identity provider: `provider`, `issuer`, `subject`, `login`, `at`, `asserted`,
             `tokenSha256`, `signedOn`
    passkey  `credentialId`, `record` (id of the enrolment's record), `clientDataJSON`, `authenticatorData`, `signature`
    keyless  `bundle`: base64 of the person's own Sigstore bundle
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from bot.core.approval import Approval, Strength
from bot.core.in_toto import NotAStatement, canonical, member, moment, parse

KINDS: Mapping[Strength, str] = {"reauthenticated": "login", "passkey": "passkey", "keyless": "keyless"}
"""The proof that each strength needs; a witnessed approval has none."""
CLOCKS_APART = timedelta(minutes=1)
"""How far another party's clock may be ahead of the gate's."""


def with_proof(statement: bytes, kind: str, proof: Mapping[str, str]) -> bytes:
    """The statement with its proof, to be signed by the gate. ValueError if there is one already."""
    whole = dict(parse(statement))
    predicate = dict(member(whole, "predicate"))
    if "proof" in predicate:
        raise ValueError("saw a statement that has its proof; wanted one that was just shown to its signer")
    predicate["proof"] = {"kind": kind, **proof}
    whole["predicate"] = predicate
    return canonical(whole)


def without_proof(statement: bytes) -> bytes:
    """The very bytes that were shown and signed. Raises NotAStatement."""
    whole = dict(parse(statement))
    whole["predicate"] = {key: value for key, value in member(whole, "predicate").items() if key != "proof"}
    return canonical(whole)


def challenge_of(shown: bytes) -> bytes:
    """What a passkey signs: SHA-256 of the statement as shown."""
    return hashlib.sha256(shown).digest()


def proof_kind_problem(approval: Approval) -> str:
    """Whether the proof is of the kind that the strength claims; empty if so."""
    kind, wanted = dict(approval.proof).get("kind", ""), KINDS.get(approval.strength, "")
    if kind == wanted:
        return ""
    return f"saw strength {approval.strength} with {kind or 'no'} proof; wanted {wanted or 'no'} proof"


def login_problem(approval: Approval) -> str:
    """What is wrong with the login that a `reauthenticated` approval rests on; empty if nothing.

    Its age against the policy's limit is judged where policy is known: see `login_age`.
    """
    proof = dict(approval.proof)
    account = approval.account
    provider = proof.get("provider", "")
    if provider == f"{account.forge}:{account.host}" and proof.get("subject") != str(account.id):
        saw = proof.get("subject", "")[:40]
        return f"saw a sign-in of account {saw}; wanted account {account.id}, who is named as the reviewer"
    try:
        age = login_age(approval)
    except NotAStatement as error:
        return str(error)
    if age is None or age < -CLOCKS_APART:
        return "saw a sign-in that is later than the decision's end; wanted one from just before it"
    return ""


def login_age(approval: Approval) -> timedelta | None:
    """How old the sign-in was when the decision was completed; None without one. Raises NotAStatement."""
    proof = dict(approval.proof)
    if "at" not in proof or "signedOn" not in proof:
        return None
    return moment(proof["signedOn"]) - moment(proof["at"])
