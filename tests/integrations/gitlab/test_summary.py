"""The verdict as a generic package beside the merge request: put there once, and found by the commit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bot.core.actions import PublishSummary
from bot.core.in_toto import render
from bot.core.summary import SUMMARY_TYPE
from bot.ports.errors import Refused, Unavailable, Vanished
from bot.ports.forge import IN_DOUBT
from integrations.gitlab.carriers import Showing
from integrations.gitlab.protection import Examined, guard_findings
from integrations.sigstore.bundle import sign_bundle
from integrations.sigstore.keys import fingerprint
from tests.integrations.gitlab.desk import REPO, Desk, open_desk

STORE = "PUT /projects/*/packages/generic/llmgate-verdict/*"
KEY = ec.derive_private_key(7, ec.SECP256R1())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def summary(desk: Desk, about: str = "verdict") -> PublishSummary:
    """A statement as the gate signs it anew with each try: another signature each time."""
    statement = render([{"digest": {"gitCommit": desk.head, "sha1": desk.head}}], SUMMARY_TYPE, {"about": about})
    bundle = sign_bundle(KEY, fingerprint(KEY.public_key()), statement)
    return PublishSummary(desk.ref, desk.head, statement.decode(), "k", bundle.decode())


def where(desk: Desk) -> str:
    return f"packages/generic/llmgate-verdict/{desk.head}/summary.sigstore.json"


def stored(desk: Desk) -> str:
    """What anybody who may read finds by the commit; empty where there is nothing."""
    url = f"{desk.gitlab.url}/api/v4/projects/acme%2Fweb%2Fshop/{where(desk)}"
    answer = httpx.get(url, headers={"PRIVATE-TOKEN": desk.gitlab.token_for("ann")})
    return "" if answer.status_code == 404 else answer.text


def puts(desk: Desk) -> int:
    return [call.method for call in desk.gitlab.calls].count("PUT")


def test_it_is_stored_with_one_call_and_found_by_the_commit(desk: Desk) -> None:
    action = summary(desk)
    desk.asked()
    assert desk.deliver(action) == where(desk)
    assert desk.asked() == [f"PUT /{where(desk)}"]
    assert stored(desk) == action.bundle


def test_one_that_was_stored_is_not_stored_again(desk: Desk) -> None:
    made = desk.deliver(summary(desk))
    assert desk.deliver(summary(desk), made) == made
    assert puts(desk) == 1


def test_a_lost_answer_does_not_store_it_twice(desk: Desk) -> None:
    first = summary(desk)
    desk.gitlab.fail_next(STORE, 502, after=True)
    with pytest.raises(Unavailable):
        desk.deliver(first)
    assert desk.deliver(summary(desk), IN_DOUBT) == where(desk)
    assert (puts(desk), stored(desk)) == (1, first.bundle)


def test_one_in_doubt_that_did_not_get_there_is_stored(desk: Desk) -> None:
    action = summary(desk)
    desk.deliver(action, IN_DOUBT)
    assert stored(desk) == action.bundle


def test_a_later_verdict_on_the_commit_is_the_one_that_is_served(desk: Desk) -> None:
    desk.deliver(summary(desk, "an earlier verdict"))
    later = summary(desk)
    desk.deliver(later, IN_DOUBT)
    assert stored(desk) == later.bundle


def test_what_lies_there_and_is_no_bundle_is_not_taken_for_one(desk: Desk) -> None:
    desk.client.upload(f"/projects/acme%2Fweb%2Fshop/{where(desk)}", b"[[")
    action = summary(desk)
    desk.deliver(action, IN_DOUBT)
    assert stored(desk) == action.bundle


@pytest.mark.parametrize(("status", "error"), [(403, Refused), (404, Vanished)])
def test_a_project_that_takes_no_packages_says_so(desk: Desk, status: int, error: type[Exception]) -> None:
    desk.gitlab.fail_next(STORE, status)
    with pytest.raises(error):
        desk.deliver(summary(desk))


@pytest.mark.parametrize("off", [{"packages_enabled": False}, {"package_registry_access_level": "disabled"}])
def test_doctor_says_where_there_is_no_registry_to_publish_in(desk: Desk, off: dict[str, object]) -> None:
    at = Examined(desk.client, REPO, Showing(), desk.gitlab.bot.id)
    assert "gitlab.registry" not in [row.rule for row in guard_findings(at)]
    desk.gitlab.fail_next("GET /projects/*", 200, body={"default_branch": "main", **off})
    (row,) = [row for row in guard_findings(at) if row.rule == "gitlab.registry"]
    assert (row.outcome, "without publishing the verdict" in row.saw) == ("wait", True)
