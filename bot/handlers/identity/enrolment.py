"""A person's passkeys: enrolled at the gate's own page behind a fresh sign-in, listed, removed, and reset when all are lost.

Each enrolment and each removal is a signed record of its own, stored in one transaction with its row. The row serves the page;
the record alone proves anything later.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from bot.core import base64url
from bot.core.actions import Whisper
from bot.core.ids import ChatUser, Person
from bot.core.in_toto import instant
from bot.core.messages.answers import render_refusal
from bot.core.messages.markdown import visible
from bot.core.messages.passkeys import KeyLine, render_added, render_passkeys, render_removed
from bot.core.notice import Notice
from bot.core.records import Record
from bot.handlers.identity.linking import about
from bot.handlers.identity.signing import Slip, stranger_problem
from bot.handlers.identity.visits import AGAIN, Closed, begin_visit
from bot.handlers.kit import Kit
from bot.handlers.stating import sign_record
from bot.ports.errors import WorldError
from bot.ports.identity import Passkey, Visit
from bot.ports.login import LoginProvider, SignedIn
from bot.ports.records import NewRecord
from bot.ports.store import Unit

FRESH = timedelta(minutes=10)
"""How old the sign-in before an enrolment may be: as old as the link."""
LABEL_LIMIT = 40
MOST = 20
"""Live passkeys of one person: more than anybody has devices."""
UNLINKED = "Your chat account is tied to no forge account here, so there is nobody to enrol a passkey for."


@dataclass(frozen=True, slots=True)
class Enrolled:
    label: str


def answer_passkey(kit: Kit, user: ChatUser, words: str) -> Notice:
    """The private answer to `/llmgate passkey`, with what came after it."""
    deed, _, name = words.partition(" ")
    if deed.lower() != "remove":
        return list_passkeys(kit, user)
    try:
        return remove_own(kit, user, name)
    except WorldError as error:
        return render_refusal(f"The passkey was not removed: {error}.", "Say it again in a moment.")


def list_passkeys(kit: Kit, user: ChatUser) -> Notice:
    """The person's keys, and the private way to add one."""
    person = kit.people.by_chat(user)
    if person is None:
        return render_refusal(UNLINKED, "Say `/llmgate link` first.")
    with kit.store.look() as unit:
        keys = unit.passkeys(person.id)
    url = begin_enrolment(kit, person, user) if kit.trust.passkeys else ""
    return render_passkeys([KeyLine(one.label, one.enrolled_at, one.last_used_at, one.synced) for one in keys], url)


def begin_enrolment(kit: Kit, person: Person, user: ChatUser) -> str:
    """The address of the page where this person adds a passkey."""
    visit = Visit("", "enrol", user, person.id, kit.clock.now())  # token and end are set by whoever begins it
    with kit.store.begin() as unit:
        url = begin_visit(kit, unit, visit)
        unit.commit()
    return url


def remove_own(kit: Kit, user: ChatUser, label: str) -> Notice:
    """The answer to `/llmgate passkey remove NAME`."""
    person = kit.people.by_chat(user)
    if person is None:
        return render_refusal(UNLINKED, "Say `/llmgate link` first.")
    with kit.store.look() as unit:
        keys = unit.passkeys(person.id)
    wanted = next((one for one in keys if one.label.casefold() == visible(label, LABEL_LIMIT).strip().casefold()), None)
    if wanted is None:
        names = ", ".join(one.label for one in keys) or "none"
        return render_refusal(f"You have no passkey {visible(label, LABEL_LIMIT)!r}: saw {names}.", "Name one of these.")
    removal = sign_removal(kit, wanted, {"by": person.id, "because": "removed by its owner"})
    with kit.store.begin() as unit:
        remove_key(kit, unit, wanted, removal)
        unit.commit()
    return render_removed(wanted.label)


def sign_removal(kit: Kit, key: Passkey, details: dict[str, str]) -> NewRecord:
    """The record that a passkey serves no longer, regarding that of its enrolment. Raises WorldError without the key."""
    said = {"credentialId": key.id, "label": key.label, **details}
    return sign_record(kit, Record("passkey-removed", about(key.person), kit.clock.now(), said, regards=key.record))


def remove_key(kit: Kit, unit: Unit, key: Passkey, removal: NewRecord) -> bool:
    """In the caller's transaction. False where it was gone already: then nothing is recorded twice."""
    removed = unit.remove_passkey(key.id, kit.clock.now())
    if removed:
        unit.add_record(removal, kit.clock.now())
    return removed


# the page


def places_to_sign_in(kit: Kit, visit: Visit) -> tuple[LoginProvider, ...]:
    """The forges at which this person has an account and can prove it. An identity provider does not do: it may be reached by
    whoever resets a password there, and a passkey would outlive that."""
    person = next((one for one in kit.people.people() if one.id == visit.person), None)
    homes = {(account.forge, account.host) for account in person.accounts} if person else set()
    return tuple(login for login in kit.logins.values() if login.forge in homes)


def sign_in_problem(kit: Kit, visit: Visit, signed: SignedIn) -> str:
    """Why this sign-in lets nobody enrol a passkey; empty if it does. Raises WorldError."""
    if signed.account is None:
        return f"saw a sign-in at {signed.issuer}; wanted one at the forge itself; sign in there"
    age = kit.clock.now() - signed.at
    if age > FRESH:
        saw, wanted = int(age.total_seconds() // 60), FRESH.seconds // 60
        return f"saw a sign-in of {saw} minutes ago; wanted one of at most {wanted}; sign in again"
    return stranger_problem(kit, visit, signed)


def creation_options(kit: Kit, visit: Visit, token: str) -> str:
    """What the browser is asked to make, as JSON. Empty where passkeys serve nowhere."""
    if kit.trust.passkeys is None:
        return ""
    with kit.store.look() as unit:
        known = [one.id for one in unit.passkeys(visit.person)]
    person = next((one.name for one in kit.people.people() if one.id == visit.person), str(visit.person))
    return kit.trust.passkeys.registration_options(visit.person, person, known, challenge_of_errand(token))


def challenge_of_errand(token: str) -> bytes:
    """The challenge of an enrolment: out of the errand's own secret, so that it is new each time and used once with it."""
    return hashlib.sha256(b"llmgate enrolment\0" + token.encode()).digest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from the page: its errand's token, the browser's answer as JSON, and how the person calls the key."""

    token: str
    response: str
    label: str


def enrol(kit: Kit, visit: Visit, signed: SignedIn | None, answer: Answer) -> Enrolled | Slip | Closed:
    """Keep a passkey, record it, and tell its owner. Raises WorldError where the forge or the organisation's key is silent."""
    passkeys = kit.trust.passkeys
    if passkeys is None or signed is None:
        return Slip("saw nobody signed in; wanted a fresh sign-in at the forge; sign in first")
    problem = sign_in_problem(kit, visit, signed)
    if problem:
        return Slip(problem)
    credential, public_key, proved = passkeys.verify_registration(answer.response, challenge_of_errand(answer.token))
    if proved.problem:
        return Slip(proved.problem)
    with kit.store.look() as unit:
        live = unit.passkeys(visit.person)
    if len(live) >= MOST:
        return Closed(f"You have {len(live)} passkeys: saw no room for another.", "Remove one with `/llmgate passkey`.")
    label = free_label(answer.label, [one.label for one in live])
    now = kit.clock.now()
    details = {
        "credentialId": credential,
        "publicKey": base64url.encode(public_key),
        "rpId": passkeys.rp_id,
        "origin": passkeys.origin,
        "label": label,
        **_login_details(signed),
    }
    record = sign_record(kit, Record("passkey", about(visit.person), now, details))
    key = Passkey(credential, visit.person, public_key, label, record.id, now, proved.sign_count, proved.synced)
    return _keep(kit, visit, key, record)


def _login_details(signed: SignedIn) -> dict[str, str]:
    """Which sign-in let them: the account, when it was, and how that is known."""
    account = signed.account.key if signed.account else ""
    return {"account": account, "login": signed.login, "loginAt": instant(signed.at), "loginAsserted": signed.asserted}


def _keep(kit: Kit, visit: Visit, key: Passkey, record: NewRecord) -> Enrolled | Closed:
    now = kit.clock.now()
    with kit.store.begin() as unit:
        if not unit.use_visit(visit.token_sha256, now):
            return Closed("This link is over: it was used already, or expired just now.", AGAIN["enrol"])
        if not unit.add_passkey(key):
            return Closed("This passkey was enrolled before, here, and serves once only.", "Use another, or make a new one.")
        unit.add_record(record, now)
        whisper = Whisper(visit.chat, "", render_added(key.label, now), f"passkey:{record.id[:32]}")
        unit.add_action(about(key.person), whisper, now)
        unit.commit()
    return Enrolled(key.label)


def free_label(wanted: str, taken: list[str]) -> str:
    """What a key is called: one line, and no two of a person alike."""
    label = visible(wanted, LABEL_LIMIT).strip() or f"passkey {secrets.token_hex(2)}"
    names = {one.casefold() for one in taken}
    numbered = (f"{label} {number}" for number in range(2, MOST + 2))
    return label if label.casefold() not in names else next(one for one in numbered if one.casefold() not in names)
