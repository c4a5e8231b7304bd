"""A tie between a chat account and a forge account ends: because its person says so, an admin, or what became of either."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.actions import Whisper
from bot.core.ids import ChatUser
from bot.core.messages.answers import render_refusal
from bot.core.messages.linking import render_unlinked
from bot.core.notice import Notice
from bot.core.records import Record
from bot.handlers.identity.linking import about
from bot.handlers.identity.touching import changes_of, touch
from bot.handlers.kit import Kit
from bot.handlers.stating import sign_record
from bot.ports.identity import Link

BY_PERSON = "the person unlinked it"


def end_links(kit: Kit, links: Sequence[Link], because: str, *, tell: bool) -> tuple[Link, ...]:
    """End them, each with a signed record, and look again at every change in which they had a part; all or nothing.

    `tell`: the chat account hears of it in private. Returns those that were live until now. Raises WorldError where the key
    does not answer: nothing is changed then.
    """
    if not links:
        return ()
    now = kit.clock.now()
    records = [
        sign_record(kit, Record("unlink", about(link.person), now, _details(link, because), "", link.id)) for link in links
    ]
    people = [link.person for link in links] + [person.id for person in kit.people.people() if _is_of(person.chat, links)]
    changes = changes_of(kit, people, [link.account for link in links])
    with kit.store.begin() as unit:
        ended = []
        for link, record in zip(links, records, strict=True):
            if unit.end_link(link.id, because, now):
                unit.add_record(record, now)
                ended.append(link)
        for chat in dict.fromkeys(link.chat for link in ended) if tell else ():
            mine = [link for link in ended if link.chat == chat]
            notice = render_unlinked([link.account for link in mine], because)
            unit.add_action(about(mine[0].person), Whisper(chat, "", notice, f"unlinked:{mine[0].id}"), now)
        touch(kit, unit, changes if ended else (), f"unlink:{links[0].id}")
        unit.commit()
    return tuple(ended)


def _is_of(chat: ChatUser | None, links: Sequence[Link]) -> bool:
    return any(link.chat == chat for link in links)


def _details(link: Link, because: str) -> dict[str, str]:
    return {
        "person": link.person,
        "chat": link.chat.key,
        "account": link.account.key,
        "login": link.account.login,
        "because": because,
    }


def links_of(kit: Kit, user: ChatUser) -> tuple[Link, ...]:
    """The live links of a chat account."""
    with kit.store.look() as unit:
        return tuple(link for link in unit.links() if link.chat == user)


def unlink_all(kit: Kit, user: ChatUser) -> Notice:
    """What `/llmgate unlink` does, and says."""
    links = links_of(kit, user)
    if not links:
        known = kit.people.by_chat(user)
        if known is None:
            return render_refusal("Your chat account is linked to nothing.", "Say `/llmgate link` to link a forge account.")
        return render_refusal("Your accounts are named in the file of people, not by a link.", "Ask an admin to change that.")
    ended = end_links(kit, links, BY_PERSON, tell=False)
    return render_unlinked([link.account for link in ended or links], BY_PERSON)


def unlink_one(kit: Kit, user: ChatUser, link_id: str) -> Notice:
    """What the button under "Not you?" does, and says. It is for the chat account of the link alone."""
    found = next((link for link in links_of(kit, user) if link.id == link_id), None)
    if found is None:
        return render_refusal("This link is over already, or it is not yours.", "Say `/llmgate link` to see how you are known.")
    end_links(kit, [found], BY_PERSON, tell=False)
    return render_unlinked([found.account], BY_PERSON)
