"""The HTTP door: forged, replayed, late, oversized and garbled requests change nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bot.ports.errors import Refused
from integrations.sandbox.clock import FakeClock
from integrations.slack.door import BODY_LIMIT, Door
from tests.integrations.slack.stage import Stage

COMMAND = {
    "command": "/llmgate",
    "text": "help",
    "team_id": "T0SANDBOX",
    "user_id": "U1",
    "channel_id": "C1",
    "trigger_id": "1.1",
}


def signed(stage: Stage, body: bytes, stamp: str = "") -> dict[str, str]:
    stamp = stamp or str(int(stage.clock.now().timestamp()))
    key = stage.slack.signing_secret.encode()
    digest = hmac.new(key, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


def test_a_signed_request_comes_in_once(http_stage: Stage) -> None:
    body = urlencode(COMMAND).encode()
    headers = signed(http_stage, body)
    first = http_stage.door.handle_http(body, headers)
    assert (first[0], json.loads(first[2])["text"]) == (200, "heard: help")
    assert http_stage.door.handle_http(body, headers)[::2] == (200, b"")
    assert len(http_stage.desk.asked) == 1


def test_the_same_words_signed_anew_are_a_new_request(http_stage: Stage) -> None:
    body = urlencode(COMMAND).encode()
    http_stage.door.handle_http(body, signed(http_stage, body))
    http_stage.clock.advance(timedelta(seconds=1))
    http_stage.door.handle_http(body, signed(http_stage, body))
    assert len(http_stage.desk.asked) == 2


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({"X-Slack-Signature": ""}, 401),
        ({"X-Slack-Signature": "v0=é"}, 401),
        ({"X-Slack-Request-Timestamp": "yesterday"}, 401),
        ({"X-Slack-Request-Timestamp": "١٧٧٢"}, 401),
        ({"X-Slack-Request-Timestamp": "9" * 400}, 401),
        ({"X-Slack-Request-Timestamp": "1"}, 401),
    ],
)
def test_a_forged_request_stays_outside(http_stage: Stage, change: dict[str, str], status: int) -> None:
    body = urlencode(COMMAND).encode()
    assert http_stage.door.handle_http(body, {**signed(http_stage, body), **change})[0] == status
    assert http_stage.desk.asked == []


def test_a_request_five_minutes_old_stays_outside(http_stage: Stage) -> None:
    body = urlencode(COMMAND).encode()
    headers = signed(http_stage, body)
    http_stage.clock.advance(timedelta(seconds=301))
    assert http_stage.door.handle_http(body, headers)[0] == 401


def test_one_changed_byte_stays_outside(http_stage: Stage) -> None:
    body = urlencode(COMMAND).encode()
    assert http_stage.door.handle_http(body.replace(b"help", b"hell"), signed(http_stage, body))[0] == 401


def test_an_oversized_request_is_not_read(http_stage: Stage) -> None:
    body = b"x" * (BODY_LIMIT + 1)
    assert http_stage.door.handle_http(body, signed(http_stage, body))[0] == 413


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{not json", b"payload=%5B%5D", b'payload="x"', b""])
def test_garbage_under_a_good_signature_is_an_error_and_no_crash(http_stage: Stage, body: bytes) -> None:
    status, _, _ = http_stage.door.handle_http(body, signed(http_stage, body))
    assert 400 <= status < 500
    assert http_stage.desk.asked == []


def test_slacks_own_check_of_the_address_is_answered(http_stage: Stage) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    headers = {**signed(http_stage, body), "Content-Type": "application/json"}
    status, _, answer = http_stage.door.handle_http(body, headers)
    assert (status, json.loads(answer)) == (200, {"challenge": "abc"})


def test_headers_that_are_not_signed_steer_nothing(http_stage: Stage) -> None:
    body = urlencode(COMMAND).encode()
    extra = {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "commanded"}
    assert http_stage.door.handle_http(body, {**signed(http_stage, body), **extra})[0] == 200
    assert len(http_stage.desk.asked) == 1


@pytest.mark.parametrize("secret", ["", "   "])
def test_an_empty_signing_secret_is_refused_at_start(secret: str) -> None:
    with pytest.raises(Refused, match="signing secret is empty"):
        Door(secret, FakeClock())


def test_signatures_are_forgotten_when_they_are_worth_nothing() -> None:
    clock = FakeClock()
    door = Door("secret", clock)
    for _ in range(3):
        stamp = str(int(clock.now().timestamp()))
        digest = hmac.new(b"secret", f"v0:{stamp}:".encode(), hashlib.sha256).hexdigest()
        headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}
        assert door.turn_away(b"", headers) is None
        assert door.remembered == 1
        clock.advance(timedelta(seconds=400))
