"""A person as somebody typed them: `<@U0123>` as the chat sends it, or a name, a login, an id of the people's file."""

from __future__ import annotations

import re

from bot.core.ids import ChatUser, Person
from bot.handlers.decision import Refusal
from bot.handlers.kit import Kit

_MEMBER = re.compile(r"<@([UW][A-Z0-9]+)>")
LINK_THEM = "They say `/llmgate link` first; then they can be asked."


def find_person(kit: Kit, word: str, asker: ChatUser) -> Person | Refusal:
    """Who is meant; a refusal where nobody is known by that, or several are."""
    member = _MEMBER.fullmatch(word)
    if member:
        return find_member(kit, ChatUser(asker.team, member[1]))
    wanted = word.removeprefix("@").casefold()
    found = [person for person in kit.people.people() if wanted in _names(person)]
    if len(found) == 1:
        return found[0]
    if found:
        who = ", ".join(f"{person.name} ({person.id})" for person in found)
        return Refusal(f"“{word[:60]}” could be {who}.", "Name them by @mention.")
    return Refusal(f"I know nobody called “{word[:60]}”.", "Name them by @mention, or by their login on the forge.")


def find_member(kit: Kit, user: ChatUser) -> Person | Refusal:
    """Who a member of the chat is to the gate."""
    person = kit.people.by_chat(user)
    return person or Refusal("That chat account is tied to no forge account here.", LINK_THEM)


def _names(person: Person) -> set[str]:
    return {str(person.id).casefold(), person.name.casefold(), *(account.login.casefold() for account in person.accounts)}


def sentence(words: str) -> str:
    """What a reader found, as a sentence of its own."""
    return f"{words[:1].upper()}{words[1:]}."
