"""`llmgate people`: who is who at the command line, on both forges, against stand-ins that answer for real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.layout import Layout
from bot.cli.main import app
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from bot.main import SystemClock
from integrations.sandbox.clock import FakeClock
from tests.cli.test_approvals import environment_of
from tests.scenarios.browsers import browsers
from tests.scenarios.tying import direct, known, link, links, records

WORD = ("--by", "sam", "--reason", "she joined the team")


@pytest.fixture
def clock() -> FakeClock:
    """The command is a process of its own and has the machine's time, so the world begins with that."""
    return FakeClock(SystemClock().now())


@pytest.fixture(params=["github", "gitlab"])
def world(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """The file of people does not know Eve, nor Bob."""
    forge: ForgeName = request.param
    playground = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, unlisted=("bob", "eve")), clock)
    assert playground.slack.connected()
    try:
        yield playground
    finally:
        playground.close()


@pytest.fixture
def people(world: Playground, monkeypatch: pytest.MonkeyPatch) -> People:
    for name, value in environment_of(world).items():
        monkeypatch.setenv(name, value)
    return People(world)


class People:
    """The command, with the world's own settings."""

    def __init__(self, world: Playground) -> None:
        self.host = world.forge.host

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["people", *words], env={"COLUMNS": "220"})

    def audit(self) -> tuple[int, dict[str, list[str]]]:
        """Exit code, and of each person what was seen."""
        done = self("audit", "--json")
        told: dict[str, list[str]] = {}
        for row in json.loads(done.stdout):
            told.setdefault(row["who"], []).append(f"{row['level']}: {row['saw']}")
        return done.exit_code, told


def arrive(world: Playground) -> None:
    """What the command queued is due, and delivered."""
    world.clock.advance(timedelta(minutes=5))
    world.settle()


def test_an_admin_links_somebody_by_number_and_they_are_told(world: Playground, people: People) -> None:
    done = people("link", "T0SANDBOX/U0EVE", f"{people.host}:507", *WORD)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"Linked T0SANDBOX/U0EVE to eve ({world.forge.forge}:{people.host}:507)")
    arrive(world)
    assert [message.text for message in direct(world, "eve")] == [f"You are linked to @eve on {people.host}. Not you?"]
    (record,) = records(world, "person:slack:T0SANDBOX/U0EVE", "link")
    assert (record.details["method"], record.details["by"], record.details["because"]) == (
        "admin",
        "sam",
        "she joined the team",
    )
    assert known(world, "eve") is not None


def test_an_admin_ends_a_link_and_the_person_hears_why(world: Playground, people: People) -> None:
    assert people("link", "U0EVE", f"{people.host}:507", *WORD).exit_code == 0
    done = people("unlink", "slack:T0SANDBOX/U0EVE", "--by", "sam", "--reason", "wrong person")
    assert done.exit_code == 0, done.output
    arrive(world)
    assert links(world) == ()
    assert direct(world, "eve")[-1].text.endswith("an admin (sam) unlinked it: wrong person.")
    assert [record.kind for record in records(world, "person:slack:T0SANDBOX/U0EVE")] == ["link", "unlink"]
    again = people("unlink", "U0EVE", "--by", "sam", "--reason", "wrong person")
    assert (again.exit_code, "saw no link of U0EVE" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("person", "account", "more", "code", "said"),
    [
        ("U0EVE", "{host}:4711", WORD, 1, "saw account 4711, which is gone"),
        ("U0EVE", "nowhere.example:507", WORD, 1, "saw the host nowhere.example; name a connected one"),
        ("U0EVE", "{host}:506", WORD, 1, "the file gives that account to sue"),
        ("dee", "{host}:507", WORD, 1, "the file gives dee another account there"),
        ("U0EVE", "eve", WORD, 2, "wanted the account's host and number"),
        ("eve", "{host}:507", WORD, 2, "wanted a person's id"),
        ("U0NOBODY", "{host}:507", WORD, 3, "there is no such member"),
        ("U0EVE", "{host}:507", ("--by", "sam", "--reason", " "), 2, "saw no word in --reason"),
    ],
)
def test_what_cannot_be_linked_is_said_with_its_cure(
    world: Playground, people: People, person: str, account: str, more: tuple[str, ...], code: int, said: str
) -> None:
    done = people("link", person, account.format(host=people.host), *more)
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr
    assert links(world) == ()


def test_a_bot_is_linked_to_nobody(world: Playground, people: People) -> None:
    bot = world.gitlab.bot.id if world.layout.forge == "gitlab" else world.github.app.bot.id
    done = people("link", "U0EVE", f"{people.host}:{bot}", *WORD)
    assert (done.exit_code, "is a bot's account, and bots never approve" in done.stderr) == (1, True), done.stderr
    assert links(world) == ()


def test_a_guest_is_linked_by_nobody(world: Playground, people: People) -> None:
    world.slack.workspace.members["U0EVE"].guest = True
    done = people("link", "U0EVE", f"{people.host}:507", *WORD)
    assert (done.exit_code, "which is a guest" in done.stderr) == (1, True)
    assert links(world) == ()


def test_the_list_says_how_each_account_is_known(world: Playground, people: People) -> None:
    for new in browsers(world):
        link(world, new, "eve")
    rows = {row["person"]: row for row in json.loads(people("list", "--json").stdout)}
    assert rows["dee"]["known_by"] == "the file"
    assert rows["slack:T0SANDBOX/U0EVE"]["known_by"] == "their sign-in"
    assert rows["slack:T0SANDBOX/U0EVE"]["looked_at"] == f"{world.clock.now():%Y-%m-%d}"
    shown = people("list")
    assert shown.exit_code == 0
    assert "their sign-in" in shown.stdout
    assert "U0BOB" not in shown.stdout


def test_the_list_says_whether_an_address_is_known_and_not_which(world: Playground, people: People) -> None:
    """Eve's account on the forge has such an address as well, and that makes it nobody's."""
    rows = {row["person"]: row["email"] for row in json.loads(people("list", "--json").stdout)}
    assert rows["ann"] == "a…@acme.example"
    assert "ann@acme.example" not in people("list").stdout
    assert "eve" not in rows


def test_an_audit_of_good_ties_finds_no_problem(world: Playground, people: People) -> None:
    assert people.audit() == (0, {})
    done = people("audit")
    assert (done.exit_code, done.stdout) == (0, "0 problems, 0 other lines.\n")


def test_an_audit_names_leavers_dead_accounts_new_logins_and_links_that_the_file_contradicts(
    world: Playground, people: People
) -> None:
    for new in browsers(world):
        link(world, new, "eve")
    world.slack.workspace.members["U0CID"].deactivated = True
    world.forge.suspend("dee")
    world.forge.rename_user("sam", "samuel")
    file = world.layout.folder / "people.yaml"
    file.write_text(file.read_text().replace("id: 501", "id: 507"))
    code, told = people.audit()
    assert code == 1
    assert told["cid"] == ["problem: the Slack account U0CID is deactivated"]
    assert told["dee"][0].startswith("problem: dee (")
    assert told["sam"] == [f"note: sam ({world.forge.forge}:{people.host}:505) is called samuel now"]
    (contradicted,) = told["slack:T0SANDBOX/U0EVE"]
    assert contradicted.startswith("problem: a link of T0SANDBOX/U0EVE to eve")
    assert contradicted.endswith("the file gives that account to ann")
    assert len(links(world)) == 1


def test_an_audit_that_could_not_ask_says_so_and_is_not_called_good(world: Playground, people: People) -> None:
    world.forge.fail_next(f"GET /user{'s' if world.layout.forge == 'gitlab' else ''}/*", 503, times=99)
    code, told = people.audit()
    assert code == 3
    assert told["ann"][0].startswith("unknown: ")


def test_an_audit_names_a_role_that_nobody_fills(world: Playground, people: People) -> None:
    world.push_policy("version: 1\nroles:\n  security:\n    people: [nobody]\n")
    world.open_generated()
    world.settle()
    code, told = people.audit()
    assert code == 1
    assert told["role security"][0].startswith(f"problem: nobody fills it in {world.repo}")


def test_equal_addresses_are_a_suggestion_and_link_nobody(world: Playground, people: People) -> None:
    world.slack.workspace.members["U0BOB"].email = "bob@acme.example"
    world.open_generated()
    world.forge.push(
        world.repo, "agent/login", {"more.py": "x = 1\n"}, by="bob", author="Bob <bob@acme.example>", message="More"
    )
    world.settle()
    _, told = people.audit()
    assert told["T0SANDBOX/U0BOB"][0].startswith(
        "suggestion: the address of T0SANDBOX/U0BOB in Slack is that of commits by bob"
    )
    assert links(world) == ()
    world.slack.scopes.discard("users:read.email")
    assert "T0SANDBOX/U0BOB" not in people.audit()[1]
