"""What people are told while they tie a chat account to a forge account, and when such a tie ends."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.ids import ForgeAccount
from bot.core.messages.words import prose
from bot.core.notice import Control, Link, Notice, Section, Strong, Text, text

MINUTES = 10


def render_link_button(url: str, places: Sequence[str], because: str) -> Notice:
    """The private way to the page where accounts are linked. `places` are where one can sign in."""
    where = " or ".join(places)
    lines = (
        text(f"Sign in with {where} on the page behind this button; it then names both accounts and asks."),
        text(f"The link works once, for {MINUTES} minutes, and for you alone: never open one that somebody sent you."),
    )
    return Notice(
        summary=because,
        tone="neutral",
        headline=text(because),
        sections=(Section(lines),),
        controls=(Control("link", "Link my account", url=url, style="primary", described="Link your forge account"),),
    )


def render_known(sentence: str) -> Notice:
    """Somebody asks to link who is known already on every forge where one can sign in."""
    left = "Nothing is left to link: you have an account on each forge where one can sign in."
    return Notice(sentence, "good", text(sentence), (Section((text(left),)),))


def render_linked(account: ForgeAccount, link_id: str) -> Notice:
    """Said in private to the chat account, which need not be whoever was at the page."""
    summary = f"You are linked to @{account.login} on {account.host}. Not you?"
    line = f"What you press here now counts as @{account.login} ({account.id}). If you did not ask for this, unlink it."
    return Notice(
        summary=summary,
        tone="good",
        headline=text("You are linked to ", Strong(f"@{account.login}"), f" on {account.host}. Not you?"),
        sections=(Section((text(line),)),),
        controls=(
            Control("unlink", "Not me: unlink", link_id, style="danger", described=f"Unlink @{account.login}, {account.host}"),
        ),
    )


def render_unlinked(accounts: Sequence[ForgeAccount], because: str) -> Notice:
    named = " and ".join(f"@{account.login} on {account.host}" for account in accounts)
    summary = f"You are no longer linked to {named}: {because}."
    cure = "Decisions that you gave as this account count no longer while nothing ties it to you. `/llmgate link` links anew."
    return Notice(summary, "bad", text(summary), (Section((text(*prose(cure)),)),))


def render_resumed(change: str, url: str, token: str) -> Notice:
    """Back to what the person had pressed before they were known."""
    headline: Text = text("You wanted to review ", Link(url, change), ": go on here.")
    return Notice(
        summary=f"You wanted to review {change}: go on here.",
        tone="neutral",
        headline=headline,
        controls=(
            Control("review", "Review & approve", token, style="primary", described=f"Review and approve {change}"),
            Control("request-changes", "Request changes", token, described=f"Request changes on {change}"),
        ),
    )
