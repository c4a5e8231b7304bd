"""Webhooks that are forged, broken, repeated or out of order: answered clearly, never believed, never lost."""

from __future__ import annotations

import json
import shutil
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.cli.layout import REPO, Layout
from bot.cli.playground import Playground, build_playground
from bot.cli.specimen import login_change, small_change
from tests.scenarios.traces import overheard, secrets_of
from tests.scenarios.wire import Wire

BRANCH = "agent/login"
BACK_OFF = timedelta(minutes=6)
"""Longer than any pause between two attempts."""


@pytest.fixture(scope="module")
def door(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """One gate for everything that must be refused at the door: nothing is ever worked on here."""
    folder = tmp_path_factory.mktemp("door")
    shutil.copyfile(sqlite_template, folder / "llmgate.db")
    world = build_playground(Layout(folder / "world", f"sqlite:///{folder / 'llmgate.db'}"))
    try:
        world.forge.flush()
        yield Wire(world)
    finally:
        world.close()


def stored(world: Playground) -> int:
    return world.gate.kit.store.backlog().jobs


def pushed(action: str = "opened", number: object = 7) -> bytes:
    """A pull request's payload, as small as one can be."""
    ends = {"head": {"sha": "a" * 40, "ref": "agent/login"}, "base": {"sha": "b" * 40, "ref": "main"}}
    pull = {"number": number, **ends}
    sender = {"id": 501, "login": "ann"}
    return json.dumps({"action": action, "pull_request": pull, "repository": {"full_name": REPO}, "sender": sender}).encode()


def test_a_forged_signature_is_refused_and_nothing_is_stored(door: Wire) -> None:
    before = stored(door.world)
    with overheard() as ears:
        answer = door.hook(pushed(), X_Hub_Signature_256="sha256=" + "0" * 64)
    assert answer.status_code == 401
    assert "the signature does not match the body" in answer.text
    assert stored(door.world) == before
    assert not [secret for secret in secrets_of(door.world) if secret in answer.text or secret in ears.all]


def test_a_signature_by_another_secret_is_refused(door: Wire) -> None:
    body = pushed()
    altered = body.replace(b"ann", b"sue")
    answer = door.post(door.world.hook_url, altered, door.hook_headers(body))
    assert answer.status_code == 401


@pytest.mark.parametrize("signature", ["", "sha1=" + "0" * 40, "sha256=", "sha256=ünï", "nonsense"])
def test_a_missing_or_odd_signature_is_refused_with_the_cure(door: Wire, signature: str) -> None:
    body = pushed()
    headers = {**door.hook_headers(body), "X-Hub-Signature-256": signature}
    raw = [(name.encode(), value.encode()) for name, value in headers.items() if value]
    before = stored(door.world)
    answer = door.post(door.world.hook_url, body, dict(raw))  # type: ignore[arg-type]  # httpx takes bytes as well
    assert answer.status_code == 401
    assert answer.text.strip()
    assert stored(door.world) == before


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (pushed()[:-40], "cannot be read at the body"),
        (b"", "cannot be read at the body"),
        (b"[1, 2]", "cannot be read at the body"),
        (b"[" * 100_000, "cannot be read at the body"),
        (b'{"action": "opened", "pull_request": "\xff\xfe"}', "cannot be read at"),
        (pushed(number="seven"), "cannot be read at pull_request.number"),
        (b'{"action": "opened"}', "cannot be read at repository"),
    ],
    ids=["truncated", "empty", "a list", "deep", "no UTF-8", "a word for a number", "hardly anything"],
)
def test_a_body_that_is_no_delivery_is_refused_by_place(door: Wire, body: bytes, said: str) -> None:
    before = stored(door.world)
    answer = door.hook(body)
    assert answer.status_code == 400
    assert said in answer.text
    assert len(answer.text) < 500
    assert stored(door.world) == before


def test_a_form_is_refused_with_the_setting_to_change(door: Wire) -> None:
    answer = door.hook(b"payload=%7B%7D", Content_Type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "content type to application/json" in answer.text


@pytest.mark.parametrize("header", ["X_GitHub_Event", "X_GitHub_Delivery"])
def test_a_delivery_without_its_headers_is_refused(door: Wire, header: str) -> None:
    answer = door.hook(pushed(), **{header: ""})
    assert answer.status_code == 400
    assert "X-GitHub-Event and X-GitHub-Delivery" in answer.text


def test_an_unknown_event_is_ignored_by_name(door: Wire) -> None:
    answer = door.hook(b"{}", event="sponsorship")
    assert (answer.status_code, answer.text) == (202, "ignored: the gate does not act on sponsorship events\n")


def test_an_unknown_action_is_ignored_by_name(door: Wire) -> None:
    answer = door.hook(pushed("auto_merge_enabled"))
    assert answer.status_code == 202
    assert answer.text.startswith("ignored: pull_request.auto_merge_enabled")


def test_an_oversized_body_is_refused_before_it_is_read(door: Wire) -> None:
    before = stored(door.world)
    answer = door.hook(b" " * (door.world.gate.settings.web.max_body + 1))
    assert answer.status_code == 413
    assert "8,388,608 bytes" in answer.text
    assert stored(door.world) == before


def test_an_oversized_body_that_hides_its_length_is_refused(door: Wire) -> None:
    chunk = b" " * (1024 * 1024)
    answer = door.post(door.world.hook_url, (chunk for _ in range(9)), door.hook_headers(b""))
    assert answer.status_code == 413


def test_a_sender_that_hangs_up_half_way_stores_nothing_and_disturbs_nobody(door: Wire) -> None:
    body, before = pushed(), stored(door.world)
    address = urlsplit(door.world.hook_url)
    lines = [f"POST {address.path} HTTP/1.1", "Host: gate", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in door.hook_headers(body).items()]
    with overheard() as ears:
        with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode() + body[:50])
            line.shutdown(socket.SHUT_WR)
            answered = line.recv(4096)
        assert door.hook(b"{}", event="ping").status_code == 202
    assert b" 2" not in answered[:12]
    assert stored(door.world) == before
    assert "Traceback" not in ears.all
    assert "Exception in ASGI" not in ears.all


def test_a_delivery_sent_again_is_answered_and_evaluated_once(one_world: Playground) -> None:
    one_world.open_generated()
    one_world.settle()
    opened = next(each for each in one_world.github.deliveries if each.action == "opened")
    one_world.forge.clear_calls()
    again = one_world.github.redeliver(opened.id)
    replayed = Wire(one_world).again(opened.id - 1)
    one_world.settle()
    assert again.status == 202
    assert (replayed.status_code, replayed.text) == (202, "seen before\n")
    assert one_world.github.calls == []


def test_fifty_copies_at_once_are_one_evaluation(one_world: Playground) -> None:
    one_world.settle()
    one_world.github.voice.held = True
    pull = one_world.open_generated()
    opened = next(each for each in one_world.github.deliveries if each.action == "opened")
    wire = Wire(one_world)
    with ThreadPoolExecutor(16) as senders:
        answers = list(senders.map(lambda _: wire.again(opened.id - 1), range(50)))
    one_world.settle()
    assert Counter((each.status_code, each.text) for each in answers) == {(202, "stored\n"): 1, (202, "seen before\n"): 49}
    assert [call.operation for call in one_world.github.calls if call.route == "/graphql"].count("Change") == 1
    assert one_world.verdict_on(pull.head_sha) == "waiting"


def test_events_in_the_wrong_order_end_at_the_newest_head(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    old = pull.head_sha
    one_world.github.voice.held = True
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "second"))
    middle = one_world.head()
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "third"))
    newest = one_world.head()
    moves = [each.id for each in one_world.github.deliveries if each.action == "synchronize"]
    for number in reversed(moves):
        one_world.github.voice.send_held(number)
        one_world.settle()
    assert one_world.verdict_on(newest) == "waiting"
    assert one_world.verdict_on(middle) == "absent"
    assert one_world.verdict_on(old) == "waiting"
    with one_world.gate.kit.store.begin() as unit:
        (record,) = unit.open_changes()
    assert record.head is not None
    assert record.head.head_sha == newest
    assert dict(record.pushers).keys() >= {middle, newest}


def test_a_repository_without_the_app_waits_and_is_judged_once_it_is_installed(one_world: Playground) -> None:
    other = "acme/other"
    files = {".llmgate/policy.yaml": "version: 1\n", ".github/CODEOWNERS": "* @bob\n"}
    repo = one_world.github.repository(other, files=files)
    one_world.settle()
    one_world.github.voice.held = True
    made = small_change(one_world.clock.now(), 1)
    one_world.github.push(other, "agent/part", dict(made.files), by="ann", message=made.message)
    pull = one_world.github.open_change(other, "agent/part", by="ann", title="A part")
    repo.installed = False
    one_world.github.voice.send_held()
    mine = one_world.open_generated()
    one_world.settle()
    one_world.github.voice.send_held()
    one_world.settle()
    backlog = one_world.gate.kit.store.backlog()
    assert (backlog.jobs > 0, backlog.dead_jobs) == (True, 0)
    assert one_world.verdict_on(mine.head_sha) == "waiting"
    repo.installed = True
    for _ in range(4):
        one_world.clock.advance(BACK_OFF)
        one_world.settle()
    assert [run.name for run in one_world.github.checks(other, pull.head_sha)] == ["llmgate"]
    assert one_world.gate.kit.store.backlog().jobs == 0
