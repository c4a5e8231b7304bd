"""An admin ties a chat account to a forge account, or ends that, at the command line: recorded, and told to the person."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.actions import Whisper
from bot.core.ids import ChatUser, ForgeAccount
from bot.core.messages.linking import render_linked
from bot.handlers.identity.linking import Proof, about, build_links, store_links
from bot.handlers.identity.roster import unfit_words
from bot.handlers.identity.touching import changes_of, touch, waiting_changes
from bot.handlers.identity.unlinking import end_links
from bot.handlers.identity.visits import Closed
from bot.handlers.kit import Kit
from bot.ports.identity import Link


@dataclass(frozen=True, slots=True)
class Word:
    """Who says so, and why. It is a claim: the command line proves nothing but access to the machine."""

    by: str
    reason: str


def link_by_admin(kit: Kit, chat: ChatUser, number: tuple[str, int], word: Word) -> Link | Closed:
    """Tie them. `number` is the account's host and number. Raises WorldError where the chat or the forge does not answer."""
    account = _account(kit, *number)
    if isinstance(account, Closed):
        return account
    unfit = unfit_words(kit.chat.fetch_profile(chat, fresh=True)) if kit.chat else ""
    if unfit:
        return Closed(f"saw the Slack account {chat.id}, which is {unfit}", "name a full, active member")
    made = build_links(kit, chat, Proof("admin", (account,), (("by", word.by), ("because", word.reason))))
    if isinstance(made, Closed):
        return made
    ((link, _),) = made
    changes = (*changes_of(kit, [link.person], [account]), *waiting_changes(kit, [account]))
    now = kit.clock.now()
    with kit.store.begin() as unit:
        problem = store_links(kit, unit, made)
        if problem:
            return problem
        unit.add_action(about(link.person), Whisper(chat, "", render_linked(account, link.id), link.id), now)
        touch(kit, unit, changes, link.id)
        unit.commit()
    return link


def unlink_by_admin(kit: Kit, chat: ChatUser, number: tuple[str, int] | None, word: Word) -> tuple[Link, ...]:
    """End the chat account's links, or the one to that account; those that ended."""
    with kit.store.look() as unit:
        mine = [link for link in unit.links() if link.chat == chat]
    wanted = [link for link in mine if number is None or (link.account.host, link.account.id) == number]
    return end_links(kit, wanted, f"an admin ({word.by}) unlinked it: {word.reason}", tell=True)


def _account(kit: Kit, host: str, number: int) -> ForgeAccount | Closed:
    forge = next((forge for (_, known), forge in kit.forges.items() if known == host), None)
    if forge is None:
        known = ", ".join(one for _, one in kit.forges) or "none"
        return Closed(f"saw the host {host}", f"name a connected one ({known}), as in github.com:1001")
    state = forge.fetch_account(number)
    if state.account is None or state.state != "active":
        return Closed(f"saw account {number}, which is {state.state} on {host}", "name one that is active")
    return state.account
