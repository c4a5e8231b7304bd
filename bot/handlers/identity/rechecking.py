"""Links are looked at again: weekly, and when the chat says that a member changed.

An account is asked for by its number. A new login is noted, one that is gone or suspended is unlinked, and where the forge or
the chat does not answer, the link is left as it is and looked at the next day. People of the file are looked at too: whose chat
account may not approve any more is noted as a link that ended, which is how every replica knows of it.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.core.events import PersonChanged
from bot.core.ids import ChatUser, Person
from bot.core.records import Record
from bot.handlers.identity.linking import Proof, about, build_links, store_links
from bot.handlers.identity.roster import UNFIT, unfit_words
from bot.handlers.identity.touching import changes_of, touch
from bot.handlers.identity.unlinking import end_links
from bot.handlers.identity.visits import Closed
from bot.handlers.kit import Kit
from bot.handlers.stating import sign_record
from bot.ports.chat import ChatProfile
from bot.ports.errors import Vanished, WorldError
from bot.ports.identity import Link

log = structlog.get_logger()
DUE_AFTER = timedelta(days=7)
MOST = 500
"""Links and people looked at in one go: links the longest unseen first, people of the file in turn. Two calls a link, one a
person."""


def person_changed(kit: Kit, event: PersonChanged) -> None:
    """The chat said that a member is another now: look at them. Raises WorldError: it is tried again."""
    profile = _profile(kit, event.user)
    if profile is not None:
        settle_profile(kit, profile)


def settle_profile(kit: Kit, profile: ChatProfile) -> None:
    """Hold what is known of a chat account against what it is now."""
    user, unfit = profile.user, unfit_words(profile)
    with kit.store.look() as unit:
        links = [link for link in unit.links() if link.chat == user]
    if unfit:
        end_links(kit, links, UNFIT + unfit, tell=False)
    listed = next((person for person in kit.people.listed() if person.chat == user), None)
    if listed is None:
        return
    known = listed.id in kit.people.unavailable()
    if unfit and not known:
        _suspend(kit, listed, user, UNFIT + unfit)
    elif not unfit and known:
        _restore(kit, listed, user)


def links_due(kit: Kit) -> None:
    """The weekly look. What does not answer is left for the next day."""
    now = kit.clock.now()
    with kit.store.look() as unit:
        due = [link for link in unit.links() if now - link.checked_at >= DUE_AFTER]
    left = 0
    for link in sorted(due, key=lambda one: one.checked_at)[:MOST]:
        try:
            _recheck(kit, link)
        except WorldError as error:
            left += 1
            log.warning("link not looked at", account=link.account.key, problem=str(error))
    left += _look_at_listed(kit)
    log.info("links looked at", due=len(due), left=left)


def _recheck(kit: Kit, link: Link) -> None:
    profile = _profile(kit, link.chat)
    if profile is not None and unfit_words(profile):
        settle_profile(kit, profile)
        return
    forge = kit.forges.get((link.account.forge, link.account.host))
    if forge is None:
        return
    state = forge.fetch_account(link.account.id)
    if state.account is None or state.state != "active":
        end_links(kit, [link], f"the account is {state.state} on {link.account.host}", tell=True)
        return
    with kit.store.begin() as unit:
        unit.check_link(link.id, state.account.login, kit.clock.now())
        unit.commit()


def _look_at_listed(kit: Kit) -> int:
    """The file's people, whom no link has looked at; how many could not be."""
    left = 0
    users = [person.chat for person in kit.people.listed() if person.chat]
    first = kit.clock.now().toordinal() * MOST % max(1, len(users)) if len(users) > MOST else 0
    for user in (users[first:] + users[:first])[:MOST]:
        try:
            profile = _profile(kit, user, fresh=False)
            if profile is not None:
                settle_profile(kit, profile)
        except WorldError as error:
            left += 1
            log.warning("person not looked at", chat=user.key, problem=str(error))
    return left


def _profile(kit: Kit, user: ChatUser, *, fresh: bool = True) -> ChatProfile | None:
    """None where there is no chat. A member that the chat does not know any more is one that is deactivated."""
    if kit.chat is None:
        return None
    try:
        return kit.chat.fetch_profile(user, fresh=fresh)
    except Vanished:
        return ChatProfile(user, user.id, deactivated=True)


def _suspend(kit: Kit, person: Person, user: ChatUser, because: str) -> None:
    """The file ties them, and goes on to: that it may not count for now is a link of its own, which has ended already."""
    now = kit.clock.now()
    made = []
    for account in person.accounts:
        details = {"person": person.id, "chat": user.key, "account": account.key, "login": account.login, "because": because}
        record = sign_record(kit, Record("unlink", about(person.id), now, details))
        made.append((Link(record.id, person.id, user, account, "admin", now, now, now, because), record))
    changes = changes_of(kit, [person.id], person.accounts)
    with kit.store.begin() as unit:
        for link, record in made:
            unit.add_link(link)
            unit.add_record(record, now)
        touch(kit, unit, changes, f"suspend:{person.id}:{now.isoformat()}")
        unit.commit()


def _restore(kit: Kit, person: Person, user: ChatUser) -> None:
    made = build_links(kit, user, Proof("admin", person.accounts, (("because", "the chat account is a full member's again"),)))
    if isinstance(made, Closed):
        log.warning("person stays unavailable", person=person.id, problem=made.because)
        return
    changes = changes_of(kit, [person.id], person.accounts)
    with kit.store.begin() as unit:
        problem = store_links(kit, unit, made)
        if problem is None:
            touch(kit, unit, changes, f"restore:{made[0][0].id}")
            unit.commit()
