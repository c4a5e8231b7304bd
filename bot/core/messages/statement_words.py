"""A statement in words, for whoever is about to sign it: read from the very bytes, and from nothing else.

A page and a terminal show the same rows. Texts of strangers (branches, file names, reasons) come out on one line, with
characters that could turn or hide what is read dropped or made visible.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.core.approval import Approval
from bot.core.in_toto import field, items, member, parse, string
from bot.core.messages.markdown import visible
from bot.core.messages.words import TIER_WORDS, role_words
from bot.core.statement import PREDICATE_TYPE, read_statement

Rows = tuple[tuple[str, tuple[str, ...]], ...]
_DECISIONS = {
    "approved": "I approve this change",
    "changes-requested": "I ask for changes",
    "dismissed": "I take my decision back",
}
_UNSEEN = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufeff\u2028\u2029")


def statement_rows(statement: bytes) -> Rows:
    """What the statement says, name by name, each with its lines. Raises NotAStatement."""
    approval, predicate = read_statement(statement), member(parse(statement, PREDICATE_TYPE), "predicate")
    change, target, policy = member(predicate, "change"), member(predicate, "target"), member(predicate, "policy")
    rows: Sequence[tuple[str, Sequence[str]]] = (
        ("Decision", [_DECISIONS[approval.decision]]),
        ("Change", [f"{approval.change} on {approval.change.repo.host}", string(change, "uri")]),
        ("Commit", [approval.head_sha, f"tree {approval.head_tree}" if approval.head_tree else ""]),
        ("Into", [f"{approval.base_ref} at {string(target, 'baseCommit')[:12]}"]),
        ("Signed by", _reviewer(approval)),
        ("In the role of", [", ".join(role_words(role) for role in approval.roles)]),
        ("Risk", [TIER_WORDS[approval.tier]]),
        ("Checklist", [f"{'✓' if answer.confirmed else '✗ not confirmed:'} {answer.text}" for answer in approval.answers]),
        ("Reason", [approval.reason]),
        ("Policy", [string(policy, "uri"), f"sha256 {approval.policy_digest[:16]}…"]),
        ("Evidence shown", [_evidence(item) for item in items(predicate, "evidence")]),
        ("Decided", [f"{approval.decided_at:%Y-%m-%d %H:%M:%S} UTC"]),
        ("Strength", [approval.strength]),
    )
    shown = ((name, tuple(visible(line, 300) for line in lines if line)) for name, lines in rows)
    return tuple((name, lines) for name, lines in shown if lines)


def _reviewer(approval: Approval) -> list[str]:
    account = approval.account
    chat = f"Slack member {approval.chat.id} of {approval.chat.team}" if approval.chat else ""
    identity = f"{approval.identity[1]}, as {approval.identity[0]} knows them" if approval.identity else ""
    return [f"{approval.person}: @{account.login}, account {account.id} on {account.host}", chat, identity]


def _evidence(item: object) -> str:
    return f"{string(item, 'kind')} {string(item, 'uri')} · sha256 {string(field(item, 'digest'), 'sha256')[:16]}…"


def bytes_words(statement: bytes) -> str:
    """The bytes to read: canonical JSON, with every character that one cannot see written as its JSON escape."""
    return "".join(_seen(character) for character in statement.decode("utf-8", "replace"))


def hides(statement: bytes) -> bool:
    """Whether `bytes_words` had to escape something, so that what it shows is not the bytes to the letter."""
    return bytes_words(statement).encode() != statement


def _seen(character: str) -> str:
    plain = character.isprintable() and character not in _UNSEEN
    return character if plain else json.dumps(character)[1:-1] if ord(character) > 126 else f"\\u{ord(character):04x}"
