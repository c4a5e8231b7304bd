"""A gate's kit with people in it who can prove themselves in every way there is, and what the gate does with their proofs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.core import base64url
from bot.core.approval import Approval, Strength
from bot.core.ids import PersonId
from bot.core.in_toto import instant, statement_id
from bot.core.proof import KINDS, challenge_of, with_proof
from bot.core.statement import Reviewer, read_statement, render_statement
from bot.handlers.approvals import enrolments_of, read_new
from bot.handlers.identity.proofs import ProofTools, proof_problem
from bot.handlers.ledger.exporting import records_for
from bot.ports.records import NewRecord, StoredRecord
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.keyless import KeylessVerifier, ReviewerCheck
from integrations.webauthn.passkeys import WebAuthnPasskeys
from storage.migrate import upgrade
from storage.store import SqlStore
from tests.authenticator import SoftKey
from tests.core.test_statement import DECISION
from tests.handlers.errands import BOB, CHATS, HOME, SUE, House, house
from tests.local_sigstore.instance import LocalSigstore

ISSUER = "https://issuer.acme.example"
ACCOUNTS = {"bob": BOB, "sue": SUE}
CHANGE = DECISION.target.change
NEIGHBOURS = 5
"""Entries of the Sigstore's log before the first: its proof has a few hashes."""


def identity_of(person: str) -> str:
    return f"{person}@acme.example"


class Office:
    """One change, decided by Bob and Sue, in a folder of its own, until `close`."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder}/office.sqlite3"
        upgrade(url)
        self.store = SqlStore(url, FakeClock())
        made = house(self.store, FakeClock(), folder)
        self.keys: dict[str, SoftKey] = {}
        self.sigstore = LocalSigstore()
        self.trusted_root = self.sigstore.write_trusted_root(folder / "trusted_root.json")
        self.keyless = ReviewerCheck(KeylessVerifier(self.trusted_root))
        self.kit = replace(made.kit, trust=replace(made.kit.trust, keyless=self.keyless))
        self.clock = made.clock
        for _ in range(NEIGHBOURS):
            self.sigstore.sign(self.shown("keyless"), "someone@else.example", ISSUER)

    def close(self) -> None:
        self.sigstore.close()
        self.store.close()

    def shown(self, strength: Strength, person: str = "bob") -> bytes:
        """The statement that somebody signs themselves, or has signed."""
        identity = (ISSUER, identity_of(person)) if strength == "keyless" else None
        reviewer = Reviewer(PersonId(person), ACCOUNTS[person], CHATS[person], DECISION.reviewer.roles, identity)
        return render_statement(replace(DECISION, strength=strength, reviewer=reviewer, nonce="00ff"))

    def own_proof(self, strength: Strength, shown: bytes) -> Mapping[str, str]:
        """What they bring: nothing, a sign-in, a passkey's answer, a bundle."""
        approval = read_statement(shown)
        if strength == "reauthenticated":
            return {
                **{"provider": "github:github.com", "issuer": "https://github.com", "subject": str(approval.account.id)},
                **{"login": approval.account.login, "asserted": "code-exchange", "tokenSha256": "9" * 64},
                **{"at": instant(DECISION.decided_at), "signedOn": instant(DECISION.decided_at)},
            }
        if strength == "passkey":
            return self._assertion(shown, str(approval.person))
        if strength == "keyless":
            return {"bundle": base64.b64encode(self.sigstore.sign(shown, identity_of(approval.person), ISSUER)).decode()}
        return {}

    def _assertion(self, shown: bytes, person: str) -> Mapping[str, str]:
        passkeys, challenge = self.kit.trust.passkeys, challenge_of(shown)
        assert isinstance(passkeys, WebAuthnPasskeys)
        key = self._key(person)
        read = passkeys.read_assertion(key.get(passkeys.request_options([key.id], challenge), HOME))
        assert not isinstance(read, str), read
        with self.store.look() as unit:
            enrolled = unit.passkey(key.id)
        assert enrolled is not None
        return {**read, "record": enrolled.record}

    def _key(self, person: str) -> SoftKey:
        if person not in self.keys:
            key = SoftKey(id=base64url.encode(f"credential-of-{person}".encode()))
            self.keys[person] = House(self.kit, self.clock).enrolled(key, person, f"{person}'s laptop")
        return self.keys[person]

    def sign(self, strength: Strength, shown: bytes, proof: Mapping[str, str]) -> bytes:
        """The gate's part: the proof is checked, laid into the statement, and signed over."""
        if strength not in KINDS:
            return self.kit.trust.signer.sign(shown)
        statement = with_proof(shown, KINDS[strength], proof)
        approval = read_statement(statement)
        enrolments = enrolments_of(self.kit, approval.person) if strength == "passkey" else ()
        problem = proof_problem(approval, statement, ProofTools(self.kit.trust.passkeys, self.keyless), enrolments)
        assert not problem, problem
        return self.kit.trust.signer.sign(statement)

    def verify(self, bundle: bytes) -> None:
        """As any later look at the stored approval does it, from the stored bytes on."""
        read = read_new(self.kit, bundle, CHANGE)
        assert isinstance(read, Approval), read

    def exported(self, strength: Strength, *people: str) -> tuple[StoredRecord, ...]:
        """They approve: what an export of the change holds then."""
        shown = [self.shown(strength, person) for person in people]
        bundles = [self.sign(strength, one, self.own_proof(strength, one)) for one in shown]
        with self.store.begin() as unit:
            for bundle in bundles:
                name = statement_id(self.kit.trust.verifier.open_record(bundle).payload)
                new = NewRecord("decision", name, CHANGE.key, bundle, DECISION.target.head_sha)
                unit.add_record(new, DECISION.decided_at)
            unit.commit()
        return records_for(self.kit, CHANGE)
