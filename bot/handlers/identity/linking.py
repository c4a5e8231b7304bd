"""A person of the chat proves at the gate's own page which forge account is theirs, and both are tied together.

What protects the tie from the sender of somebody else's link: the errand is begun in private by the chat account it is for, the
page says in whose name it was begun and which accounts it would tie, the sign-in counts only in the browser that made it, and
the chat account is told what it was tied to, with a button to undo it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.actions import Whisper
from bot.core.facts import Facts
from bot.core.ids import ChangeRef, ChatUser, ForgeAccount, ForgeName, Person, PersonId
from bot.core.in_toto import instant
from bot.core.messages.linking import render_link_button, render_linked, render_resumed
from bot.core.notice import Notice
from bot.core.records import Record
from bot.handlers.identity.roster import person_of_chat, unfit_words
from bot.handlers.identity.touching import changes_of, touch, waiting_changes
from bot.handlers.identity.visits import Closed, begin_visit
from bot.handlers.kit import Kit
from bot.handlers.stating import sign_record
from bot.ports.chat import ChatProfile
from bot.ports.identity import Link, LinkMethod, Visit
from bot.ports.login import SignedIn
from bot.ports.records import NewRecord
from bot.ports.store import Unit

NO_LOGINS = Closed(
    "Nobody can link an account here: this gate has no page, or no place where people sign in.",
    "Ask an admin to add you to the people's mapping; then press again.",
)
USED = Closed("This link was used already: it works once.", "Say `/llmgate link` in Slack for a new one.")


@dataclass(frozen=True, slots=True)
class Errand:
    """Where a person was when they began: `request` is what they wanted to decide about, if anything."""

    user: ChatUser
    request: str = ""
    channel: str = ""
    thread: str = ""


def begin_linking(kit: Kit, errand: Errand, because: str) -> Notice | Closed:
    """A private button to the page, after the sentence `because`. Closed where nobody can link here."""
    if not can_link(kit):
        return NO_LOGINS
    known = kit.people.by_chat(errand.user)
    now = kit.clock.now()
    visit = Visit(
        token_sha256="",
        kind="link",
        chat=errand.user,
        person=known.id if known else person_of_chat(errand.user),
        expires_at=now,  # set by whoever begins it
        request=errand.request,
        state={"channel": errand.channel, "thread": errand.thread},
    )
    with kit.store.begin() as unit:
        url = begin_visit(kit, unit, visit)
        unit.commit()
    return render_link_button(url, [login.title for login in kit.logins.values()], because)


def can_link(kit: Kit) -> bool:
    return bool(kit.logins and kit.settled.public_url and kit.chat)


def missing_places(kit: Kit, person: Person) -> frozenset[tuple[ForgeName, str]]:
    """Forges where people can sign in and this one has no account."""
    places = frozenset(login.forge for login in kit.logins.values() if login.forge is not None)
    return places - {(account.forge, account.host) for account in person.accounts}


def greet(kit: Kit, visit: Visit) -> ChatProfile | Closed:
    """Who in the chat began this; Closed where such a member may never approve. Raises WorldError without an answer."""
    if kit.chat is None:
        return NO_LOGINS
    profile = kit.chat.fetch_profile(visit.chat, fresh=True)
    unfit = unfit_words(profile)
    if unfit:
        because = (
            f"The Slack account {profile.name} ({visit.chat.id}) is {unfit}: it can be linked to nothing, and never approves."
        )
        return Closed(because, "Ask a full member of the workspace to review.")
    return profile


@dataclass(frozen=True, slots=True)
class Proof:
    """What ties these accounts: how they were proved, and what of that goes into the record."""

    method: LinkMethod
    accounts: tuple[ForgeAccount, ...]
    details: tuple[tuple[str, str], ...] = ()


def proof_of(kit: Kit, found: SignedIn) -> Proof | Closed:
    """The accounts that a sign-in proves. An identity provider proves those that its claims hold the numbers of, once the forge
    knows them by that number. Raises WorldError where a forge does not answer."""
    details = (
        ("issuer", found.issuer),
        ("subject", found.subject),
        ("signed_in_at", instant(found.at)),
        ("asserted", found.asserted),
        ("token_sha256", found.token_sha256),
    )
    if found.account is not None:
        return Proof("login", (found.account,), details)
    accounts = [_claimed(kit, found, *place) for place in kit.forges if place[1] in kit.settled.identity_claims]
    closed = next((one for one in accounts if isinstance(one, Closed)), None)
    if closed is not None:
        return closed
    known = tuple(one for one in accounts if isinstance(one, ForgeAccount))
    if not known:
        names = ", ".join(sorted(set(kit.settled.identity_claims.values()))) or "a claim with an account's number"
        because = f"Your organisation's sign-in names no forge account of yours: saw nothing in {names}."
        return Closed(because, "Sign in with the forge itself instead, or ask an admin to fill that attribute.")
    return Proof("identity-provider", known, details)


def _claimed(kit: Kit, found: SignedIn, forge: ForgeName, host: str) -> ForgeAccount | Closed | None:
    claim = kit.settled.identity_claims[host]
    value = found.claims.get(claim, "").strip()
    if not value:
        return None
    cure = "Ask an admin to correct that attribute; signing in with the forge itself works too."
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        return Closed(
            f"Your organisation's sign-in gives {claim} as {value[:40]!r}; wanted the account's number on {host}.", cure
        )
    state = kit.forges[forge, host].fetch_account(int(value))
    if state.account is None or state.state != "active":
        return Closed(
            f"Your organisation's sign-in gives {claim} as {value}, an account that is {state.state} on {host}.", cure
        )
    return state.account


def confirm_link(kit: Kit, visit: Visit, proof: Proof) -> tuple[ForgeAccount, ...] | Closed:
    """Tie the accounts, record it, tell the chat account, and go on with what it had pressed: all or nothing.

    Returns the accounts that are new. Raises WorldError where the chat or the key does not answer; the errand then goes on.
    """
    profile = greet(kit, visit)
    if isinstance(profile, Closed):
        return profile
    made = build_links(kit, visit.chat, proof)
    if isinstance(made, Closed):
        return made
    now, links = kit.clock.now(), [link for link, _ in made]
    accounts = [link.account for link in links]
    changes = (*changes_of(kit, [link.person for link in links], accounts), *waiting_changes(kit, accounts))
    with kit.store.begin() as unit:
        if not unit.use_visit(visit.token_sha256, now):
            return USED
        problem = store_links(kit, unit, made)
        if problem:
            return problem
        for link in links:
            unit.add_action(about(link.person), Whisper(link.chat, "", render_linked(link.account, link.id), link.id), now)
        touch(kit, unit, (*_resume(kit, unit, visit), *changes), links[0].id)
        unit.commit()
    return tuple(accounts)


Made = tuple[Link, NewRecord]


def build_links(kit: Kit, chat: ChatUser, proof: Proof) -> list[Made] | Closed:
    """The links that are to be stored, each with its signed record; Closed, with the reason, where one cannot be."""
    with kit.store.look() as unit:
        live = unit.links()
    made = []
    for account in proof.accounts:
        if any(one.chat == chat and one.account.key == account.key for one in live):
            continue
        no = _taken(live, chat, account) or _no_person(account)
        draft = Link("", PersonId(""), chat, account, proof.method, kit.clock.now(), kit.clock.now())
        person, refusal = kit.people.place(draft)
        if no or refusal:
            return no or Closed(
                _against_the_file(account, refusal), "Ask an admin: the file of people decides where it speaks."
            )
        made.append(_sign(kit, draft, person, proof.details))
    if not made:
        named = " and ".join(f"@{account.login} on {account.host}" for account in proof.accounts)
        return Closed(f"You are linked to {named} already.", "Nothing is left to do here: go back to Slack.")
    return made


def _sign(kit: Kit, draft: Link, person: PersonId, more: Sequence[tuple[str, str]]) -> Made:
    details = {
        "person": person,
        "chat": draft.chat.key,
        "account": draft.account.key,
        "login": draft.account.login,
        "method": draft.method,
        **{name: value for name, value in more if value},
    }
    record = sign_record(kit, Record("link", about(person), draft.linked_at, details))
    link = Link(record.id, person, draft.chat, draft.account, draft.method, draft.linked_at, draft.checked_at)
    return link, record


def store_links(kit: Kit, unit: Unit, made: Sequence[Made]) -> Closed | None:
    """In the caller's transaction, which must not be committed where this returns a reason."""
    now = kit.clock.now()
    for link, record in made:
        if not unit.add_link(link):
            because = f"@{link.account.login} on {link.account.host}, or this Slack account, was linked by somebody just now."
            return Closed(because, "Say `/llmgate link` in Slack to see how it stands.")
        unit.add_record(record, now)
    return None


def _taken(live: Sequence[Link], chat: ChatUser, account: ForgeAccount) -> Closed | None:
    for link in live:
        if link.account.key == account.key:
            because = f"@{account.login} on {account.host} is linked to another Slack account, {link.chat.id}."
            return Closed(because, "Say `/llmgate unlink` there first; or an admin does, with `llmgate people unlink`.")
        if link.chat == chat and (link.account.forge, link.account.host) == (account.forge, account.host):
            because = f"This Slack account is linked to another account on {account.host}, @{link.account.login}."
            return Closed(because, "Say `/llmgate unlink` in Slack first, then link this one.")
    return None


def _no_person(account: ForgeAccount) -> Closed | None:
    if account.kind != "bot":
        return None
    return Closed(f"@{account.login} on {account.host} is a bot's account, and bots never approve.", "Sign in as yourself.")


def _against_the_file(account: ForgeAccount, refusal: str) -> str:
    return f"@{account.login} ({account.id}) on {account.host} cannot be linked: {refusal}."


def _resume(kit: Kit, unit: Unit, visit: Visit) -> tuple[ChangeRef, ...]:
    """The change that the person had wanted to decide about, after a private button for it where they had pressed."""
    request = unit.request(visit.request) if visit.request else None
    record = unit.change(request.change) if request else None
    if request is None or record is None or not record.facts or request.state in ("void", "closed"):
        return ()
    channel = visit.state.get("channel") or request.channel
    url = kit.codec.load(Facts, record.facts).change.url
    notice = render_resumed(str(request.change), url, request.token)
    whisper = Whisper(visit.chat, channel, notice, f"resume:{visit.token_sha256[:32]}", visit.state.get("thread", ""))
    unit.add_action(request.change.key, whisper, kit.clock.now())
    return (request.change,)


def about(person: PersonId) -> str:
    """What the records of a person are found by in the log."""
    return f"person:{person}"
