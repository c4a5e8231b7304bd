"""What moves or is hidden while a change is read: never a mixture of two heads, never a hole taken for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.core.ids import ChangeRef, RepoRef
from bot.ports.errors import Refused, Unavailable
from bot.ports.forge import HeadFacts
from integrations.github.client import AppCredentials, Endpoint, Sessions
from integrations.github.forge import GitHubForge
from integrations.sandbox.github.auth import private_key
from tests.integrations.github.wire import SIGNED_IN, Wire, reply

REF = ChangeRef(RepoRef("github", "github.test", "acme/shop"), 7)
OLD, NEW, BASE = "a" * 40, "b" * 40, "c" * 40
KNOWN = HeadFacts(OLD, BASE, None, "d" * 40, (), (), (), ())
WHEN = "2026-03-03T09:00:00Z"


def look(*errors: dict[str, Any], head: str = NEW, suites: object = None) -> bytes:
    commit = {"oid": head, "tree": {"oid": "e" * 40}, "checkSuites": suites}
    pull = {
        "title": "t", "body": "", "state": "OPEN", "createdAt": WHEN, "updatedAt": WHEN, "changedFiles": 1,
        "headRefName": "f", "headRefOid": head, "baseRefName": "main", "baseRefOid": BASE,
        "baseRef": {"target": {"oid": BASE}}, "commits": {"totalCount": 0}, "head": {"nodes": [{"commit": commit}]},
    }  # fmt: skip
    body = {"data": {"repository": {"pullRequest": pull}}, **({"errors": list(errors)} if errors else {})}
    return reply("200 OK", body, "Content-Type: application/json")


def files(head: str) -> bytes:
    url = f"https://api.github.com/repos/acme/shop/contents/a.py?ref={head}"
    return reply("200 OK", [{"filename": "a.py", "status": "modified", "sha": "f" * 40, "contents_url": url}])


def hidden(*path: str | int, kind: str = "FORBIDDEN") -> dict[str, Any]:
    return {"type": kind, "message": "Resource not accessible by integration", "path": ["repository", "pullRequest", *path]}


class Script:
    def __init__(self, looks: bytes, *lists: bytes) -> None:
        self.wire = Wire([SIGNED_IN], {"/graphql": [looks], "/files": lists})
        self.sessions = Sessions(AppCredentials(9001, private_key()), Endpoint(self.wire.url))
        self.forge = GitHubForge(self.sessions, "github.test")
        self.forge.learn("acme/shop", 1)

    def close(self) -> None:
        self.sessions.close()
        self.wire.close()


@pytest.fixture
def scripts() -> Iterator[list[Script]]:
    started: list[Script] = []
    yield started
    for script in started:
        script.close()


def play(scripts: list[Script], looks: bytes, *lists: bytes) -> GitHubForge:
    scripts.append(Script(looks, *lists))
    return scripts[-1].forge


def test_a_list_made_for_another_head_than_the_look_saw_is_read_again(scripts: list[Script]) -> None:
    reading = play(scripts, look(), files(OLD), files(NEW)).fetch_change(REF, None)
    assert (reading.head.head_sha, len(reading.head.files), reading.reads) == (NEW, 1, 3)


def test_a_head_that_keeps_moving_is_tried_later_and_never_mixed(scripts: list[Script]) -> None:
    for known in (None, KNOWN):
        forge = play(scripts, look(), files("9" * 40), files("8" * 40))
        with pytest.raises(Unavailable, match="moved while it was read"):
            forge.fetch_change(REF, known)


def test_hidden_checks_are_a_gap_and_the_rest_is_used(scripts: list[Script]) -> None:
    hole = hidden("head", "nodes", 0, "commit", "checkSuites")
    reading = play(scripts, look(hole), files(NEW)).fetch_change(REF, KNOWN)
    assert [gap.what for gap in reading.head.gaps] == ["checks"]
    assert reading.check.state is None


@pytest.mark.parametrize(("kind", "error"), [("FORBIDDEN", Refused), ("", Unavailable)])
def test_any_other_hole_fails_the_look(scripts: list[Script], kind: str, error: type[Exception]) -> None:
    forge = play(scripts, look(hidden("baseRef", "target", "policy", kind=kind)))
    with pytest.raises(error, match=r"baseRef\.target\.policy"):
        forge.fetch_change(REF, KNOWN)


def test_an_answer_without_its_fields_is_unavailable_and_names_one(scripts: list[Script]) -> None:
    odd = {"data": {"repository": {"pullRequest": {"title": "t"}}}}
    forge = play(scripts, reply("200 OK", odd, "Content-Type: application/json"))
    with pytest.raises(Unavailable, match=r"repository\.pullRequest\.state"):
        forge.fetch_change(REF, KNOWN)


def test_fewer_files_than_github_counts_are_a_gap(scripts: list[Script]) -> None:
    reading = play(scripts, look(), reply("200 OK", [])).fetch_change(REF, KNOWN)
    assert [(gap.what, gap.saw) for gap in reading.head.gaps] == [("files", "0 of 1 changed files")]
