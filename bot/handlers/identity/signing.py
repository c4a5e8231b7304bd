"""The errand of signing: a statement waits at a page for its person, who proves themselves, once, and what follows is queued.

The proof is judged here at once, by the rule of every later look, so that the person hears now what is wrong. A slip (a key
that did not ask for its PIN, another identity) leaves the link usable; what no page of ours sends ends it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.core import base64url
from bot.core.approval import Approval, Strength
from bot.core.events import StatementSigned
from bot.core.ids import ChangeRef
from bot.core.in_toto import NotAStatement, instant
from bot.core.proof import KINDS, challenge_of, with_proof
from bot.core.statement import read_statement
from bot.handlers.approvals import enrolments_of
from bot.handlers.identity.linking import proof_of
from bot.handlers.identity.proofs import ProofTools, proof_problem
from bot.handlers.identity.visits import AGAIN, Closed
from bot.handlers.kit import Kit
from bot.ports.identity import Passkey, Visit
from bot.ports.login import SignedIn
from bot.ports.store import Unit

log = structlog.get_logger()
USER_VERIFIED = 0x04
"""The flag in an authenticator's data (Web Authentication Level 3, 6.1)."""
FLAGS_AT = 32
Proof = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Slip:
    """Nothing was signed, and the link still serves: what was seen, what was wanted, what to do."""

    problem: str


@dataclass(frozen=True, slots=True)
class Taken:
    """It is signed, and the worker has it."""

    change: ChangeRef


Outcome = Taken | Slip | Closed


def read_errand(kit: Kit, visit: Visit) -> Approval | Closed:
    """What is to be signed, where the request that it answers still stands as it was."""
    try:
        approval = read_statement(visit.statement)
    except NotAStatement as error:
        return Closed(f"This link holds no statement to sign: {error}.", AGAIN["sign"])
    with kit.store.look() as unit:
        request = unit.request(visit.request)
        newest = unit.request_of(approval.change)
    if request is None or newest is None or newest.token != request.token or request.state in ("void", "closed"):
        because = f"The request about {approval.head_sha[:12]} of {approval.change} is over: a push or another policy ended it."
        return Closed(because, "Use the newest card.")
    if request.revision != visit.revision:
        saw = f"The request about {approval.change} moved since you pressed: saw revision {request.revision}"
        return Closed(f"{saw}; wanted {visit.revision}.", AGAIN["sign"])
    return approval


def keys_of(kit: Kit, visit: Visit) -> tuple[Passkey, ...]:
    """The keys that this person may sign with."""
    with kit.store.look() as unit:
        return unit.passkeys(visit.person)


def take_assertion(kit: Kit, visit: Visit, response: str) -> Outcome:
    """A browser's answer of `navigator.credentials.get`, as JSON."""
    if kit.trust.passkeys is None:
        return Slip("saw a passkey's signature and no pages to check it for; wanted `web.public_url` set; tell an admin")
    read = kit.trust.passkeys.read_assertion(response)
    if isinstance(read, str):
        return _end(kit, visit, read)
    with kit.store.look() as unit:
        key = unit.passkey(read["credentialId"])
    if key is None or key.person != visit.person:
        whose = "somebody else's" if key else "removed, or never enrolled"
        wanted = f"one of the passkeys of {visit.person}"
        return _end(kit, visit, f"saw a passkey that is {whose}; wanted {wanted}; `/llmgate passkey` in Slack lists yours")
    proof = {**read, "record": key.record}
    problem = _problem(kit, visit, "passkey", proof)
    if problem:
        return Slip(problem) if _unverified(read) else _end(kit, visit, problem)
    place = (kit.trust.passkeys.rp_id, kit.trust.passkeys.origin)
    told = kit.trust.passkeys.verify_assertion(proof, challenge_of(visit.statement), key.public_key, place)
    if told.sign_count <= key.sign_count and (told.sign_count or key.sign_count):
        log.warning("passkey counts backwards", person=visit.person, record=key.record, was=key.sign_count, now=told.sign_count)
    return _finish(kit, visit, proof, lambda unit: unit.use_passkey(key.id, told.sign_count, kit.clock.now()))


def take_login(kit: Kit, visit: Visit, signed: SignedIn) -> Outcome:
    """A sign-in that was completed for this errand in this browser."""
    problem = login_refusal(kit, visit, signed)
    if problem:
        return Slip(problem)
    now = kit.clock.now()
    proof = {
        "provider": visit.state.get("provider", ""),
        "issuer": signed.issuer,
        "subject": signed.subject,
        "login": signed.login,
        "at": instant(signed.at),
        "asserted": signed.asserted,
        "tokenSha256": signed.token_sha256,
        "signedOn": instant(now),
    }
    problem = _problem(kit, visit, "reauthenticated", proof)
    return Slip(problem) if problem else _finish(kit, visit, proof)


def login_refusal(kit: Kit, visit: Visit, signed: SignedIn) -> str:
    """Why this sign-in does not stand for this errand's person now; empty if it does. Raises WorldError where a forge that
    has to be asked whose account it is does not answer."""
    stranger = stranger_problem(kit, visit, signed)
    if stranger:
        return stranger
    most = login_age_of(visit)
    age = kit.clock.now() - signed.at
    if age > most:
        minutes = int(age.total_seconds() // 60)
        return f"saw a sign-in of {minutes} minutes ago; wanted one of at most {most.seconds // 60}; sign in again"
    return ""


def stranger_problem(kit: Kit, visit: Visit, signed: SignedIn) -> str:
    """Why this sign-in is none of the errand's person; empty where it proves an account of theirs. Raises WorldError."""
    proved = proof_of(kit, signed)
    if isinstance(proved, Closed):
        return f"{proved.because} {proved.cure}"
    person = next((one for one in kit.people.people() if one.id == visit.person), None)
    own = {account.key for account in person.accounts} if person else set()
    if any(account.key in own for account in proved.accounts):
        return ""
    saw = " and ".join(f"@{account.login} on {account.host}" for account in proved.accounts)
    return f"saw a sign-in as {saw}; wanted an account of {visit.person}, for whom this link is; sign in as yourself"


def login_age_of(visit: Visit) -> timedelta:
    """How old a sign-in may be, as the policy said when the errand began; nothing said: no time at all."""
    minutes = visit.state.get("login_minutes", "")
    return timedelta(minutes=int(minutes) if minutes.isdecimal() else 0)


def take_bundle(kit: Kit, visit: Visit, bundle: bytes) -> Outcome:
    """A Sigstore bundle that the person made of the statement with their own identity."""
    proof = {"bundle": base64.b64encode(bundle).decode()}
    problem = _problem(kit, visit, "keyless", proof)
    return Slip(problem) if problem else _finish(kit, visit, proof)


def _problem(kit: Kit, visit: Visit, given: Strength, proof: Proof) -> str:
    try:
        shown = read_statement(visit.statement)
        if shown.strength != given:
            return f"saw a {KINDS[given]} proof of a statement that says {shown.strength}; wanted that; use the link's own page"
        statement = with_proof(visit.statement, KINDS[given], proof)
        approval = read_statement(statement)
    except ValueError as error:
        return f"{error}; press the button on the card again"
    enrolments = enrolments_of(kit, visit.person) if approval.strength == "passkey" else ()
    return proof_problem(approval, statement, ProofTools(kit.trust.passkeys, kit.trust.keyless), enrolments)


def _unverified(read: Proof) -> bool:
    """Whether the authenticator itself says that it did not verify its user: people's keys differ, and nobody attacks so."""
    data = base64url.decode(read["authenticatorData"])
    return len(data) > FLAGS_AT and not data[FLAGS_AT] & USER_VERIFIED


def _end(kit: Kit, visit: Visit, problem: str) -> Closed:
    """The gate's own page would not have sent this: the link ends here, whoever holds it."""
    log.warning("signature refused", visit=visit.token_sha256[:12], person=visit.person, change=visit.about, problem=problem)
    with kit.store.begin() as unit:
        unit.use_visit(visit.token_sha256, kit.clock.now())
        unit.commit()
    return Closed(f"Nothing was signed: {problem}.", f"This link is over. {AGAIN['sign']}")


def _finish(kit: Kit, visit: Visit, proof: Proof, also: Callable[[Unit], None] = lambda _unit: None) -> Taken | Closed:
    """Use the errand up and queue what follows, together or not at all."""
    change = read_statement(visit.statement).change
    event = StatementSigned(visit.token_sha256, tuple(sorted(proof.items())), change)
    now = kit.clock.now()
    with kit.store.begin() as unit:
        if not unit.use_visit(visit.token_sha256, now):
            return Closed("This link is over: it was used already, or expired just now.", AGAIN["sign"])
        also(unit)
        unit.add_job(event, change.key, f"visit:{visit.token_sha256}", now)
        unit.commit()
    return Taken(change)
