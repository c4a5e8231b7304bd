"""A row of marker data, and the short hand in which the families of agents write theirs.

Rows are dated: `last_checked` says when somebody last held the row against its source, `confidence` how good that source is.
Accounts are matched by their forge's number wherever it is known, because names are reused and people are called Claude,
Devin and Jules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

from bot.core.detection.model import Grade
from bot.core.ids import ForgeName

Kind = Literal[
    "account", "login", "bot-login", "app", "event",
    "mail", "mail-domain", "name", "trailer", "subject",
    "branch", "label", "title", "body", "comment",
    "header", "attribute", "document", "note", "tool",
]  # fmt: skip
"""What a row is held against.

account: numeric id of a GitHub account · login: login of an account, for those whose number is not known · bot-login:
pattern on the login of an account that the forge calls a bot · app: slug of an app · event: name of a timeline event ·
mail, mail-domain: address in a commit · name: pattern on the author's name · trailer: key, with a `value` pattern ·
subject: pattern on a commit's first line · branch, title, body, comment: pattern on the change · label: exact · header:
pattern on the first lines of a file · attribute: git attribute · document, note: carriers with a format of their own ·
tool: a tool's name as trailers, notes and documents spell it."""
Confidence = Literal["measured", "source", "listed"]
NamesAgent = Literal["no", "may", "must"]

KINDS: tuple[Kind, ...] = get_args(Kind)
PATTERN_KINDS: frozenset[Kind] = frozenset({"bot-login", "name", "subject", "branch", "title", "body", "comment", "header"})

COLLECTED = date(2026, 8, 31)
"""The rows were collected from public sources up to this day."""
SEEN = date(2026, 11, 23)
"""Rows with this day were seen again in public repositories."""

UNNAMED = "unnamed agent"
"""The agent of a mark that says "generated" and not by whom."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of one agent.

    `match` is what `kind` says: a number, a name, or a pattern (searched without case). `value` narrows a trailer's value.
    `name` must be found in the identity's name too. `needle` is a lower-case literal that every match of a pattern contains: it
    keeps the pattern from being tried on every text. `names_agent`: the value names the agent (`may`), or is a mark only
    if it names one (`must`). `supporting`: says nothing but beside another signal of its agent. `lowered` is a window of
    authorship days within which the mark never decides. `example` is a text the row must match.
    """

    id: str
    agent: str
    kind: Kind
    match: str
    grade: Grade
    confidence: Confidence
    last_checked: date
    source: str
    example: str = ""
    value: str = ""
    name: str = ""
    needle: str = ""
    forge: ForgeName | None = None
    names_agent: NamesAgent = "no"
    assisted: bool = False
    supporting: bool = False
    lowered: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, a text it must match, and the literal that is looked for first."""

    match: str
    example: str
    needle: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Writes the rows of one agent: what they share is said once."""

    key: str
    agent: str
    source: str
    confidence: Confidence = "listed"
    last_checked: date = COLLECTED
    assisted: bool = False

    def row(self, kind: Kind, match: str, grade: Grade, part: str, example: str) -> Mark:
        ident = f"{self.key}.{kind}.{part}"
        return Mark(
            ident,
            self.agent,
            kind,
            match,
            grade,
            self.confidence,
            self.last_checked,
            self.source,
            example,
            assisted=self.assisted,
        )

    def account(self, number: int, grade: Grade = "A") -> Mark:
        return self.row("account", str(number), grade, str(number), str(number))

    def login(self, login: str, grade: Grade = "A") -> Mark:
        return self.row("login", login, grade, login.removesuffix("[bot]"), login)

    def app(self, slug: str) -> Mark:
        return self.row("app", slug, "A", slug, slug)

    def event(self, name: str) -> Mark:
        return self.row("event", name, "A", name, name)

    def mail(self, address: str, grade: Grade = "B") -> Mark:
        return self.row("mail", address, grade, address, address)

    def mails(self, *addresses: str) -> tuple[Mark, ...]:
        return tuple(self.mail(address) for address in addresses)

    def domain(self, domain: str) -> Mark:
        return self.row("mail-domain", domain, "B", domain, f"agent@{domain}")

    def trailer(self, key: str, value: str, example: str) -> Mark:
        """A trailer whose value matches `value`; an empty pattern takes any."""
        row = self.row("trailer", key, "B", key.lower(), f"{key}: {example}")
        return _with(row, value=value)

    def branch(self, pattern: str, example: str) -> Mark:
        return self.row("branch", pattern, "D", example.strip("/-").replace("/", "-"), example)

    def label(self, label: str) -> Mark:
        return self.row("label", label, "C", label, label)

    def text(self, kind: Kind, part: str, pattern: Pattern, grade: Grade = "C") -> Mark:
        return _with(self.row(kind, pattern.match, grade, part, pattern.example), needle=pattern.needle)

    def tool(self, *names: str) -> tuple[Mark, ...]:
        """The spellings of this agent in notes, documents and trailers that name a tool."""
        return tuple(self.row("tool", name, "B", name, name) for name in names)


def _with(row: Mark, value: str = "", needle: str = "") -> Mark:
    return replace(row, value=value, needle=needle)


FOOTER = r"(?m)^(?:<[^<>\n]{1,60}>|[^\w<\n]){0,24}"
"""The beginning of a footer: a line that starts with nothing but signs, pictures and tags."""
