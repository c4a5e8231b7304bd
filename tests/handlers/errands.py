"""A gate's kit with a real store, real keys and Bob in it, and the errands that he runs at its pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from bot.core.actions import Whisper
from bot.core.approval import Answer, Strength
from bot.core.ids import ChangeRef, ChatUser, CommitSha, ForgeAccount, PersonId, RepoRef, RoleName
from bot.core.statement import Decision, Reviewer, Shown, Target, Terms, render_statement
from bot.handlers.identity.enrolment import Answer as Made
from bot.handlers.identity.enrolment import Enrolled, creation_options, enrol
from bot.handlers.identity.people import PeopleFile
from bot.handlers.identity.roster import Roster
from bot.handlers.identity.visits import begin_visit, find_visit
from bot.handlers.kit import Kit, Settled, Trust
from bot.main.machine import JsonCodec
from bot.ports.identity import Visit
from bot.ports.login import SignedIn
from bot.ports.store import ApprovalRequest
from integrations.reports.read import ReportFiles
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing
from integrations.webauthn.passkeys import WebAuthnPasskeys
from storage.store import SqlStore
from tests.authenticator import Browser, SoftKey

URL = "https://gate.acme.example"
PEOPLE = """
people:
  bob:
    name: Bob Example
    slack: T1/U2
    github: {id: 1002, login: bob}
  sue: {slack: T1/U3, github: {id: 1006, login: sue}}
  sam: {slack: T1/U4, github: {id: 1005, login: sam}}
  lou: {github: {id: 1007, login: lou}}
"""
CHANGE = ChangeRef(RepoRef("github", "github.com", "acme/shop"), 7)
HEAD = CommitSha("a" * 40)
BOB = ForgeAccount("github", "github.com", 1002, "bob", "human")
SUE = ForgeAccount("github", "github.com", 1006, "sue", "human")
CHATS = {"bob": ChatUser("T1", "U2"), "sue": ChatUser("T1", "U3")}
HOME = Browser(URL)


@dataclass(frozen=True)
class House:
    kit: Kit
    clock: FakeClock

    def begin(self, visit: Visit) -> str:
        """The token of the errand."""
        with self.kit.store.begin() as unit:
            url = begin_visit(self.kit, unit, visit)
            unit.commit()
        return url.rpartition("/")[2]

    def visit(self, token: str) -> Visit:
        found = find_visit(self.kit, token)
        assert isinstance(found, Visit), found
        return found

    def ask(self, strength: Strength = "passkey", change: Callable[[Decision], Decision] = lambda it: it, **state: str) -> str:
        """Bob pressed approve: the token of the errand to sign."""
        now = self.kit.clock.now()
        reviewer = Reviewer(PersonId("bob"), BOB, CHATS["bob"], (RoleName("security"),))
        target = Target(CHANGE, "https://github.com/acme/shop/pull/7", HEAD, "b" * 40, "main", "c" * 40, "d" * 64)
        terms = Terms("high", "e" * 64, ".llmgate/policy.yaml at main@1234567")
        answers = (Answer("tests", "Tests exist and pass", True),)
        shown = (Shown("ci/junit.xml", "f" * 64, "report"),)
        made = Decision(target, reviewer, terms, "approved", strength, now, answers, shown, "reads well", nonce="00ff")
        with self.kit.store.begin() as unit:
            if unit.request("tok") is None:
                unit.add_request(ApprovalRequest("tok", CHANGE, HEAD, "e" * 64, "high", "open", 1, "C1", now, now))
                unit.commit()
        return self.begin(
            Visit(
                "", "sign", CHATS["bob"], PersonId("bob"), now, CHANGE.key, "tok", 1, render_statement(change(made)),
                {"strength": strength, "login_minutes": "15", "channel": "C1", **state},
            )
        )  # fmt: skip

    def enrol(self, key: SoftKey, person: str = "bob", label: str = "laptop", browser: Browser = HOME) -> object:
        """At the page, after signing in a moment ago."""
        account = BOB if person == "bob" else SUE
        token = self.begin(Visit("", "enrol", CHATS[person], PersonId(person), self.kit.clock.now()))
        options = creation_options(self.kit, self.visit(token), token)
        sent = Made(token, key.create(options, browser), label)
        return enrol(self.kit, self.visit(token), self.login(account), sent)

    def enrolled(self, key: SoftKey, person: str = "bob", label: str = "laptop") -> SoftKey:
        assert self.enrol(key, person, label) == Enrolled(label)
        return key

    def login(self, account: ForgeAccount = BOB, ago: timedelta = timedelta(0)) -> SignedIn:
        at = self.kit.clock.now() - ago
        issuer = f"https://{account.host}"
        return SignedIn(account, issuer, str(account.id), account.login, at, "code-exchange", token_sha256="9" * 64)

    def whispers(self) -> list[tuple[str, str]]:
        """(who, what) of every private word on its way."""
        said = []
        while (delivery := self.kit.store.claim_delivery("test", "chat:")) is not None:
            assert isinstance(delivery.action, Whisper)
            said.append((delivery.action.user.id, delivery.action.notice.summary))
            self.kit.store.finish_delivery(delivery, None)
        return said


def house(store: SqlStore, clock: FakeClock, folder: Path) -> House:
    (folder / "people.yaml").write_text(PEOPLE)
    key = ec.generate_private_key(ec.SECP256R1())
    trust = Trust(KeySigner(key), KeyRing([key.public_key()]), ReportFiles(), WebAuthnPasskeys(URL))
    people = Roster(PeopleFile(folder / "people.yaml"), store, trust.verifier)
    return House(Kit(store, JsonCodec(), clock, {}, None, trust, people, Settled(public_url=URL)), clock)
