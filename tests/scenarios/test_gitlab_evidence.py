"""Provenance and reports that no commit carries: a job's artifacts and a package, believed for the head they were made for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from bot.cli.specimen import EVIDENCE, Specimen, login_change
from integrations.sandbox.clock import FakeClock
from tests.scenarios.conftest import at_rest

JOB = "attest"


@pytest.fixture
def attested(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """A gate that is told which job leaves the documents, and to look for the package too."""
    layout = Layout(tmp_path / "world", sqlite_url, forge="gitlab", gitlab={"evidence_job": JOB, "packages": True})
    world = build_playground(layout, clock)
    try:
        yield world
        at_rest(world)
    finally:
        world.close()


def parted(made: Specimen) -> tuple[Specimen, dict[str, bytes]]:
    """The code as it is pushed, and what a job leaves about it."""
    beside = {path: content for path, content in made.files.items() if path.startswith(".llmgate/")}
    return Specimen({path: content for path, content in made.files.items() if path not in beside}, made.message), beside


def archive(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path, content in files.items():
            zipped.writestr(path, content)
    return packed.getvalue()


def run_job(world: Playground, number: int, files: Mapping[str, bytes]) -> None:
    """The project's own pipeline, whose job left these files."""
    world.gitlab.run_pipeline(world.repo, number, jobs={JOB: "success"}, artifacts={JOB: archive(files)})
    world.settle()


def test_what_a_job_left_is_read_and_two_people_turn_it_green(attested: Playground) -> None:
    code, beside = parted(login_change(attested.clock.now()))
    change = attested.open_generated(specimen=code)
    attested.settle()
    assert attested.verdict_on(change.head_sha) == "blocked"
    run_job(attested, change.number, beside)
    assert attested.verdict_on(change.head_sha) == "waiting"
    assert "12 of 12 passed" in attested.check_on(change.head_sha).text
    Hands(attested, "bob").approve(change.number)
    Hands(attested, "sue").approve(change.number)
    assert attested.verdict_on(change.head_sha) == "allowed"
    assert attested.blockers(change.number) is None


def test_what_a_job_left_for_the_commit_before_says_nothing_of_this_one(attested: Playground) -> None:
    code, beside = parted(login_change(attested.clock.now()))
    change = attested.open_generated(specimen=code)
    run_job(attested, change.number, beside)
    assert attested.verdict_on(change.head_sha) == "waiting"
    head = attested.push_generated(specimen=parted(login_change(attested.clock.now(), "by hand"))[0])
    attested.settle()
    assert attested.verdict_on(head) == "blocked"


def test_a_bomb_of_an_archive_opens_nothing(attested: Playground) -> None:
    code, beside = parted(login_change(attested.clock.now()))
    change = attested.open_generated(specimen=code)
    bomb = b"<testsuites>" + b" " * 80_000_000 + b"</testsuites>"
    run_job(attested, change.number, {**beside, f"{EVIDENCE}/junit.xml": bomb})
    assert attested.verdict_on(change.head_sha) == "blocked"
    assert "junit.xml" in attested.check_on(change.head_sha).text


def test_a_package_of_the_head_is_read_like_a_jobs_artifacts(attested: Playground) -> None:
    code, beside = parted(login_change(attested.clock.now()))
    head = attested.push_generated(specimen=code)
    files = {path.removeprefix(".llmgate/"): content for path, content in beside.items()}
    attested.gitlab.package(attested.repo, "llmgate", head, files)
    change = attested.forge.open_change(attested.repo, "agent/login", by="ann", title="Add password login")
    attested.settle()
    assert change.head_sha == head
    assert attested.verdict_on(head) == "waiting"
    assert "12 of 12 passed" in attested.check_on(head).text
