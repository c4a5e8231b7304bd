"""`llmgate demo`: the main job as a story, for a person to click through or played by itself.

Played, each step looks at what it claims (the check on the forge, the words in the chat, the record) and the command fails
at the first that does not hold.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import typer

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL, Layout
from bot.cli.playground import BRANCH, Playground, build_playground
from bot.cli.sandbox import running, tell_start, tell_who, wait_for_ctrl_c
from bot.cli.serve import quiet_logs
from bot.cli.specimen import login_change
from bot.cli.verification.trust import Anchors, read_keys, read_trusted
from bot.core.ids import ChangeRef, ForgeName
from bot.handlers.ledger.exporting import records_for
from bot.handlers.ledger.judging import Exported, judge
from integrations.sandbox.stage import ForgeRefused
from integrations.sigstore.keys import read_public_key
from integrations.sigstore.offline import Expected, Outcome, verify_approval

STEPS = (
    "As Ann, press “Review & approve” on the card: refused, since she ran the agent.",
    "As Bob, press it, leave an item open, and send: refused. Confirm them all, and send again.",
    "As Sue, approve too: the check turns green, and the merge button wakes up.",
    "As Eve, whose account nobody knows, press it: a private link leads through tying it, and back to the press.",
    "Press “Push a commit”: both approvals are void, and the merge is closed again.",
    "Type  /llmgate status 1  or  /llmgate why 1  below the channel.",
)
"""The story for a person to click through, as the terminal and the page tell it."""


class DidNotHold(Exception):
    """A step of the story did not hold."""


@dataclass
class Story:
    """The steps, in order, each with what it saw."""

    playground: Playground
    number: int = 0
    step: int = 0
    notes: list[str] = field(default_factory=list)

    def tell(self, title: str, act: Callable[[], str]) -> None:
        """Perform a step and say what was seen. Raises DidNotHold."""
        self.step += 1
        typer.echo(f"{self.step:>2}. {title}")
        seen = act()
        typer.echo(f"    ✓ {seen}")

    @property
    def head(self) -> str:
        return self.playground.head()

    def opened(self) -> str:
        self.number = self.playground.open_generated(BRANCH).number
        self.playground.settle()
        self._want(self.playground.verdict_on(self.head) == "waiting", "the check should wait")
        labels = ", ".join(self.playground.seen(self.number).labels)
        return f"{self._ref} at {self.head[:12]}; labels {labels}"

    def carded(self) -> str:
        card = self.playground.card(self.number)
        asked = sorted({name for message in self.playground.slack.thread(CHANNEL, card.ts) for name in message.notified})
        self._want(len(asked) == 2, "two reviewers should be asked")
        names = [self.playground.slack.workspace.members[user].name for user in asked]
        return f"“{card.text}”; asked in its thread: {' and '.join(names)}"

    def merge_refused(self) -> str:
        try:
            self.playground.forge.merge(self.playground.repo, self.number, by="ann")
        except ForgeRefused:
            return f"{self._forge}: {self.playground.blockers(self.number)}"
        raise DidNotHold("the merge went through without an approval")

    def self_approval(self) -> str:
        seen = Hands(self.playground, "ann").approve(self.number)
        self._want(not seen.taken and "may not decide" in seen.text, "the author should be refused")
        return f"privately to Ann: “{seen.text}”"

    def incomplete(self) -> str:
        bob = Hands(self.playground, "bob")
        bob.press(self.playground.card(self.number))
        seen = bob.submit(leave_out=1)
        self.playground.settle()
        self._want(bool(seen.errors), "an incomplete checklist should be refused")
        self._want(self._records() == 0, "nothing should be recorded")
        return f"in the dialogue: “{next(iter(seen.errors.values()))}”"

    def first_approval(self) -> str:
        bob = Hands(self.playground, "bob")
        bob.submit(reason="Reads well; the lock is tested")
        self.playground.settle()
        self._want(self._records() == 1, "one approval should be recorded")
        self._want(self.playground.verdict_on(self.head) == "waiting", "one of two is not enough")
        return f"recorded and signed; the card says “{self.playground.card(self.number).text}”"

    def second_approval(self) -> str:
        Hands(self.playground, "sue").approve(self.number)
        self._want(self._records() == 2, "two approvals should be recorded")
        self._want(self.playground.verdict_on(self.head) == "allowed", "the check should be green")
        return f"the check is green: “{self.playground.card(self.number).text}”"

    def mergeable(self) -> str:
        because = self.playground.blockers(self.number)
        self._want(because is None, f"{self._forge} still refuses: {because}")
        return f"{self._forge} would merge it now"

    def verified(self) -> str:
        key = read_public_key((self.playground.layout.folder / "signing.pem.pub").read_bytes(), "signing.pem.pub")
        with self.playground.gate.kit.store.look() as unit:
            bundles = [stored.bundle for stored in unit.approvals(self._ref)]
        good = [verify_approval(bundle, key, Expected(self.playground.repo, self.number, self.head)) for bundle in bundles]
        self._want(all(checked.outcome is Outcome.GOOD for checked in good), "each approval should verify")
        altered = verify_approval(bundles[0].replace(b'"payload":"ey', b'"payload":"fy'), key, Expected())
        self._want(altered.outcome is not Outcome.GOOD, "an altered approval should not verify")
        return f"{len(good)} approvals verify with the public key alone; with one byte changed: “{altered.message}”"

    def logged(self) -> str:
        gate, folder = self.playground.gate, self.playground.layout.folder
        if gate.log is None:
            raise DidNotHold("the gate keeps no log")
        log = gate.log.log
        files = [Exported(one.id, one.bundle, log.prove(one.id)) for one in records_for(gate.kit, self._ref)]
        anchors = Anchors((folder / "signing.pem.pub",), (), str(folder / "log.pem.pub"))
        rows = judge(files, read_trusted(anchors, read_keys(anchors)))
        self._want(len(rows) > 2 and not any(row.problem for row in rows), "each record should be proved to be in the log")
        return f"{len(rows)} records (approvals, and the policy they were given under), each proved offline to be in the log"

    def pushed_again(self) -> str:
        before = self.head
        self.playground.push_generated(BRANCH, login_change(self.playground.clock.now(), "a second thought"))
        self.playground.settle()
        self._want(self.head != before, "the head should move")
        self._want(self.playground.verdict_on(self.head) == "waiting", "the new commit should not be green")
        self._want(self.playground.blockers(self.number) is not None, f"{self._forge} should refuse again")
        said = [message.text for message in self.playground.slack.thread(CHANNEL, self.playground.card(self.number).ts)]
        voided = [line for line in said if line.startswith("A push voided")]
        self._want(len(voided) == 1, "the thread should say once that the approvals are void")
        return f"“{voided[0]}”; {self._forge}: {self.playground.blockers(self.number)}"

    @property
    def _ref(self) -> ChangeRef:
        return self.playground.ref(self.number)

    @property
    def _forge(self) -> str:
        return self.playground.forge.title

    def _records(self) -> int:
        with self.playground.gate.kit.store.look() as unit:
            return sum(stored.voided is None for stored in unit.approvals(self._ref))

    def _want(self, holds: bool, what: str) -> None:
        if not holds:
            raise DidNotHold(f"{what}; the check is {self.playground.verdict_on(self.head)}")


def play(story: Story) -> None:
    """The whole story. Raises DidNotHold."""
    story.tell("A coding agent's change is pushed and opened by Ann", story.opened)
    story.tell("A card appears in #reviews, and the right people are asked", story.carded)
    story.tell("Merging is refused", story.merge_refused)
    story.tell("Ann, who ran the agent, tries to approve it herself", story.self_approval)
    story.tell("Bob leaves an item of the checklist open", story.incomplete)
    story.tell("Bob confirms every item and approves as code owner", story.first_approval)
    story.tell("Sue approves as Security", story.second_approval)
    story.tell("Merging is allowed", story.mergeable)
    story.tell("The approvals are exported and verified offline", story.verified)
    story.tell("Every record is shown to be in the transparency log", story.logged)
    story.tell("A new commit is pushed", story.pushed_again)


def run_demo(auto: bool, port: int, forge: ForgeName = "github") -> None:
    quiet_logs()
    if auto:
        _played(forge)
    else:
        _opened(port, forge)


def _played(forge: ForgeName) -> None:
    with tempfile.TemporaryDirectory(prefix="llmgate-demo-") as temporary:
        playground = build_playground(Layout(Path(temporary), forge=forge))
        story = Story(playground)
        try:
            play(story)
        except DidNotHold as fault:
            typer.echo(f"    ✗ {fault}", err=True)
            raise typer.Exit(1) from None
        finally:
            playground.close()
    typer.echo(f"\nAll {story.step} steps held.")


def _opened(port: int, forge: ForgeName) -> None:
    tell_start(forge)
    with running(None, port, forge, steps=STEPS) as (playground, url):
        pull = playground.open_generated(BRANCH)
        typer.echo(f"\nOpen  {url}  in a browser. In it, choose at the left who you are:\n")
        tell_who()
        typer.echo(f"\nAnn's coding agent has opened {playground.ref(pull.number)}, and its card is in #reviews. Try this:\n")
        for number, step in enumerate(STEPS, start=1):
            typer.echo(f"  {number}. {step}")
        typer.echo("\nCtrl-C ends it.")
        wait_for_ctrl_c()
