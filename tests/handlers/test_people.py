"""The mapping of people: read whole, or refused with the cure."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.core.ids import ChatUser
from bot.handlers.identity.people import BadMapping, PeopleFile, read_people

GOOD = """
people:
  ann:
    name: Ann Example
    slack: T01/U01
    github: [{host: github.com, id: 1001, login: ann}]
  bob:
    slack: T01/U02
    github: {id: 1002}
    gitlab: {host: gitlab.example, id: 7, login: bobby}
"""


def test_a_person_has_a_chat_account_and_numbered_forge_accounts() -> None:
    ann, bob = read_people(GOOD)
    assert (ann.id, ann.name, ann.chat) == ("ann", "Ann Example", ChatUser("T01", "U01"))
    assert [account.key for account in bob.accounts] == ["github:github.com:1002", "gitlab:gitlab.example:7"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("people: [ann]", "wanted a name each"),
        ("folk: {}", "wanted one key"),
        ("people: {ann: {slack: '@ann'}}", "wanted the ids TEAM/USER"),
        ("people: {ann: {github: {login: ann}}}", "logins can be taken over"),
        ("people: {ann: {github: {id: '1001'}}}", "logins can be taken over"),
        ("people: {ann: {mail: a@b.c}}", "saw mail"),
        ("people: {ann: {keyless: ann@acme.example}}", "saw keyless as str; wanted `{issuer: …, identity: …}`"),
        ("people: {ann: {keyless: {issuer: x}}}", "saw keyless as keys issuer"),
        ("people: {ann: {keyless: {issuer: x, identity: 7}}}", "wanted `{issuer"),
        (
            "people: {ann: {keyless: {issuer: x, identity: y}}, bob: {keyless: {issuer: x, identity: y}}}",
            "saw keyless:y of x with both ann and bob",
        ),
        ("people: {ann: {github: {id: 5}}, bob: {github: {id: 5}}}", "one person an account"),
        ("people: {ann: {slack: T1/U1}, bob: {slack: T1/U1}}", "one person an account"),
        ("people: {ann: 3}", "saw int"),
        ("people: {ann: {email: 7}}", "saw an email that is no address"),
        ("people: {ann: {email: ann}}", "wanted one as in ann@example.com"),
        ('people: {ann: {email: "a@b.example\\nBcc: eve@x.example"}}', "saw an email that is no address"),
        ("people: [", "no YAML"),
    ],
)
def test_a_mistake_is_refused_whole_with_what_was_seen_and_wanted(text: str, says: str) -> None:
    with pytest.raises(BadMapping, match=says):
        read_people(text)


def test_a_changed_file_is_read_again_and_a_bad_one_keeps_the_good(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(GOOD)
    mapping = PeopleFile(path)
    assert [person.id for person in mapping.people()] == ["ann", "bob"]
    path.write_text("people: [")
    os.utime(path, ns=(1, 1))
    assert [person.id for person in mapping.people()] == ["ann", "bob"]
    assert "no YAML" in mapping.problem
    path.write_text("people: {}")
    os.utime(path, ns=(2, 2))
    assert mapping.people() == ()
    assert mapping.problem == ""


def test_a_missing_file_is_a_problem_and_nobody() -> None:
    mapping = PeopleFile(Path("/nowhere/people.yaml"))
    assert mapping.people() == ()
    assert "llmgate init" in mapping.problem
    assert PeopleFile(None).people() == ()


def test_a_person_may_have_an_identity_to_sign_with() -> None:
    text = "people: {ann: {keyless: {issuer: 'https://issuer.example', identity: ann@acme.example}}, bob: {}}"
    ann, bob = read_people(text)
    assert (ann.identity, bob.identity) == (("https://issuer.example", "ann@acme.example"), None)


def test_an_address_is_a_place_to_write_to_and_no_part_of_who_somebody_is(tmp_path: Path) -> None:
    """Two people may share a mailbox; what the gate can compare of them is the same with addresses and without."""
    shared = GOOD.replace("slack: T01/", "email: team@acme.example\n    slack: T01/")
    assert read_people(shared) == read_people(GOOD)
    path = tmp_path / "people.yaml"
    path.write_text(shared)
    assert PeopleFile(path).addresses() == {"ann": "team@acme.example", "bob": "team@acme.example"}
    assert PeopleFile(None).addresses() == {}
