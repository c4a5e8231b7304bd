"""The pull or merge request at the side: checks, merge button, labels, comments, commits, as the forge has them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bot.core.forges import FORGES
from bot.core.ids import NUMBER_MARK, ForgeName
from integrations.sandbox.page.forge_view import ChangeShown, CheckShown, ForgeView
from integrations.sandbox.page.markup import markdown_html
from integrations.sandbox.page.panes import Glance

STATES = {
    "success": ("good", "✓", "Successful"),
    "failure": ("bad", "✕", "Failing"),
    "error": ("bad", "✕", "Failing"),
    "timed_out": ("bad", "✕", "Timed out"),
    "cancelled": ("quiet", "–", "Cancelled"),
    "action_required": ("wait", "!", "Action required"),
    "queued": ("wait", "●", "Queued"),
    "failed": ("bad", "✕", "Failed"),
    "canceled": ("quiet", "–", "Canceled"),
    "created": ("wait", "●", "Created"),
    "pending": ("wait", "●", "Pending"),
    "running": ("wait", "●", "Running"),
    "in_progress": ("wait", "●", "In progress"),
    "neutral": ("quiet", "–", "Neutral"),
    "skipped": ("quiet", "–", "Skipped"),
}
"""How a check's state looks: its colour, its sign, and always a word."""
HEADINGS: Mapping[ForgeName, tuple[str, str]] = {"github": ("Checks", "Merge pull request"), "gitlab": ("Pipeline", "Merge")}


@dataclass(frozen=True, slots=True)
class Words:
    """What the forge calls a change, what it writes over the state of the head and on the button; the sign before numbers."""

    change: str
    checks: str
    merge: str
    mark: str


def change_html(forge: ForgeView, at: Glance) -> str:
    words = Words(FORGES[forge.forge].change, *HEADINGS[forge.forge], NUMBER_MARK[forge.forge])
    changes = forge.changes()
    if not changes:
        return f'<p class="empty">No {words.change} yet.</p>'
    shown = next((change for change in changes if change.number == at.change), changes[0])
    others = _tabs(changes, shown, at, words) if len(changes) > 1 else ""
    return others + _head(shown, words) + _merge_box(shown, words) + _comments(shown) + _commits(shown)


def _tabs(changes: Sequence[ChangeShown], shown: ChangeShown, at: Glance, words: Words) -> str:
    links = "".join(
        f'<a href="{at.link(change=change.number)}"{" aria-current=" + chr(34) + "true" + chr(34) if change is shown else ""}>'
        f"{words.mark}{change.number}</a>"
        for change in changes
    )
    return f'<nav class="tabs" aria-label="{words.change.capitalize()}s">{links}</nav>'


def _head(change: ChangeShown, words: Words) -> str:
    labels = "".join(f'<span class="label">{escape(label)}</span>' for label in change.labels)
    state = change.state if change.state in ("open", "merged", "closed") else "open"
    return (
        f'<header class="change-head"><p class="quiet">{escape(change.repository)}</p>'
        f'<h2>{escape(change.title)} <span class="number">{words.mark}{change.number}</span></h2>'
        f'<p><span class="state {state}">{state.capitalize()}</span> by <b>{escape(change.author)}</b></p>'
        f'<p class="labels">{labels}</p></header>'
    )


def _merge_box(change: ChangeShown, words: Words) -> str:
    checks = "".join(_check(check) for check in change.checks) or '<p class="quiet pad">No checks yet.</p>'
    return f'<section class="box"><h3>{words.checks}</h3>{checks}{_merge(change, words)}</section>'


def _merge(change: ChangeShown, words: Words) -> str:
    push = f'<button type="button" class="button" data-verb="push" data-number="{change.number}">Push a commit</button>'
    if change.state != "open":
        return f'<div class="merge"><p><b>This {words.change} is {escape(change.state)}.</b></p></div>'
    if change.mergeable:
        word, off = '<p class="good"><b>✓ Merging is allowed.</b></p>', ""
    else:
        why = escape(change.blocked_because or "a required check has not passed")
        word, off = f'<p class="bad"><b>✕ Merging is blocked:</b> {why}</p>', " disabled"
    act = f'data-verb="merge" data-number="{change.number}"{off}'
    button = f'<button type="button" class="button primary" {act}>{words.merge}</button>'
    return f'<div class="merge">{word}<p class="buttons">{button}{push}</p></div>'


def _check(check: CheckShown) -> str:
    look, sign, word = STATES.get(check.state, ("wait", "●", check.state))
    required = ' <span class="tag">required</span>' if check.required else ""
    mark = f'<span class="sign {look}" aria-hidden="true">{sign}</span>'
    title = f' <span class="quiet">— {escape(check.title)}</span>' if check.title else ""
    line = f'{mark}<span><b>{escape(check.name)}</b>: <span class="{look}">{escape(word)}</span>{title}{required}</span>'
    body = "".join(f'<div class="prose">{markdown_html(part)}</div>' for part in (check.summary, check.text) if part)
    if not body:
        return f'<div class="check">{line}</div>'
    return f'<details class="check" data-keep="check:{escape(check.name)}"><summary>{line}</summary>{body}</details>'


def _comments(change: ChangeShown) -> str:
    rows = "".join(
        f'<article class="box"><h3><b>{escape(comment.author)}</b> <span class="quiet">commented</span></h3>'
        f'<div class="prose">{markdown_html(comment.body)}</div></article>'
        for comment in change.comments
    )
    return f'<section aria-label="Comments">{rows}</section>'


def _commits(change: ChangeShown) -> str:
    rows = "".join(
        f"<li><code>{escape(commit.sha[:7])}</code> <span>{escape(commit.title)} "
        f'<span class="quiet">{escape(commit.author)}</span></span></li>'
        for commit in change.commits
    )
    return f'<section class="box"><h3>Commits</h3><ul class="commits">{rows}</ul></section>' if rows else ""
