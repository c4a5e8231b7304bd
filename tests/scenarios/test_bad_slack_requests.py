"""Slack requests that are forged, old, broken or too large: turned away at the door, and nobody is disturbed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.cli.layout import CHANNEL, Layout
from bot.cli.playground import build_playground
from integrations.sandbox.slack.workspace import TEAM
from tests.scenarios.traces import overheard, secrets_of
from tests.scenarios.wire import Wire

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def door(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """One gate for what must be turned away at the door: nothing is worked on here."""
    folder = tmp_path_factory.mktemp("door")
    shutil.copyfile(sqlite_template, folder / "llmgate.db")
    world = build_playground(Layout(folder / "world", f"sqlite:///{folder / 'llmgate.db'}", "http"))
    try:
        world.settle()
        yield Wire(world)
    finally:
        world.close()


def command(text: str = "help") -> bytes:
    words = {
        "command": "/llmgate",
        "text": text,
        "user_id": "U0BOB",
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "trigger_id": "1.2",
    }
    return urlencode(words).encode()


def test_a_forged_request_is_turned_away(door: Wire) -> None:
    with overheard() as ears:
        answer = door.post(door.chat_url, command(), {**door.chat_headers(command()), "X-Slack-Signature": "v0=" + "0" * 64})
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid request"})
    assert not [secret for secret in secrets_of(door.world) if secret in answer.text + ears.all]


def test_a_body_altered_after_signing_is_turned_away(door: Wire) -> None:
    assert door.post(door.chat_url, command("queue"), door.chat_headers(command("help"))).status_code == 401


def test_a_request_without_a_signature_is_turned_away(door: Wire) -> None:
    assert door.post(door.chat_url, command(), {"Content-Type": FORM}).status_code == 401


@pytest.mark.parametrize("stamp", ["soon", "-1", "1e9", "١٢٣", "99999999999999999999", "1.5"])
def test_a_timestamp_that_is_no_number_is_turned_away(door: Wire, stamp: str) -> None:
    headers = {**door.chat_headers(command()), "X-Slack-Request-Timestamp": stamp}
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    assert door.post(door.chat_url, command(), raw).status_code == 401  # type: ignore[arg-type]  # httpx takes bytes as well


def test_a_request_older_than_five_minutes_is_turned_away(door: Wire) -> None:
    then = str(int(door.world.clock.now().timestamp()) - 301)
    assert door.post(door.chat_url, command(), door.chat_headers(command(), then)).status_code == 401


def test_an_oversized_request_is_turned_away(door: Wire) -> None:
    body = command("x" * 1_000_001)
    assert door.post(door.chat_url, body, door.chat_headers(body)).status_code == 413


@pytest.mark.parametrize("body", [b"payload=nonsense", b"payload=[1]", b"\xff\xfe", b"", b"payload=" + b"[" * 90_000])
def test_a_signed_body_that_is_no_request_is_refused_and_disturbs_nobody(door: Wire, body: bytes) -> None:
    with overheard() as ears:
        answer = door.post(door.chat_url, body, door.chat_headers(body))
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text + ears.all
