"""Webhooks that claim to be GitLab's and are not, or are not as the gate takes them: turned away with the cure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.sandbox.gitlab.fake import SIGNING_TOKEN
from integrations.sandbox.gitlab.voice import standard_webhook
from tests.scenarios.conftest import open_door
from tests.scenarios.traces import overheard, secrets_of
from tests.scenarios.wire import DELIVERY, Wire


@pytest.fixture(scope="module")
def signed_door(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A door whose host has a signing token as well."""
    more = {"signing_token": SIGNING_TOKEN}
    yield from open_door("gitlab", sqlite_template, tmp_path_factory.mktemp("door"), more)


def test_a_wrong_token_is_refused_and_nothing_is_stored(gitlab_door: Wire) -> None:
    before = gitlab_door.stored
    with overheard() as ears:
        answer = gitlab_door.hook(gitlab_door.opened(), X_Gitlab_Token="guessed")
    assert answer.status_code == 401
    assert "X-Gitlab-Token is not the secret that is set here" in answer.text
    assert gitlab_door.stored == before
    assert '"event": "delivery refused"' in ears.all
    assert '"path": "/webhooks/gitlab/work"' in ears.all
    assert "guessed" not in ears.all
    assert not [secret for secret in secrets_of(gitlab_door.world) if secret in answer.text or secret in ears.all]


@pytest.mark.parametrize("token", ["", "ünï", "sandbox", "x" * 5_000])
def test_a_missing_or_odd_token_is_refused_with_the_cure(gitlab_door: Wire, token: str) -> None:
    body = gitlab_door.opened()
    headers = {**gitlab_door.hook_headers(body), "X-Gitlab-Token": token}
    raw = {name.encode(): value.encode() for name, value in headers.items() if value}
    before = gitlab_door.stored
    answer = gitlab_door.post(gitlab_door.world.hook_url, body, raw)  # type: ignore[arg-type]  # httpx takes bytes as well
    assert answer.status_code == 401
    assert "secret token" in answer.text
    assert gitlab_door.stored == before


def test_a_token_does_not_open_a_door_that_wants_a_signature(signed_door: Wire) -> None:
    none = dict.fromkeys(("webhook_id", "webhook_timestamp", "webhook_signature"), "")
    answer = signed_door.hook(signed_door.opened(), **none)
    assert answer.status_code == 401
    assert "set the signing token in the webhook" in answer.text
    assert signed_door.stored == 0


def test_a_body_altered_after_it_was_signed_is_refused(signed_door: Wire) -> None:
    body = signed_door.opened()
    altered = body.replace(b"ann", b"sue")
    answer = signed_door.post(signed_door.world.hook_url, altered, signed_door.hook_headers(body))
    assert answer.status_code == 401
    assert "the signature does not match the body" in answer.text
    assert signed_door.stored == 0


def test_a_signature_by_another_key_is_refused(signed_door: Wire) -> None:
    body, at = signed_door.opened(), int(signed_door.world.clock.now().timestamp())
    other = standard_webhook("whsec_YW5vdGhlci1rZXktb2YtdGhpcnR5LXR3by1ieXRlcyE=", DELIVERY, at, body)
    answer = signed_door.post(signed_door.world.hook_url, body, {**signed_door.hook_headers(body), **other})
    assert answer.status_code == 401


@pytest.mark.parametrize("late", [timedelta(seconds=301), timedelta(seconds=-301), timedelta(days=400)])
def test_a_signature_out_of_its_time_is_refused(signed_door: Wire, late: timedelta) -> None:
    body = signed_door.opened()
    at = int((signed_door.world.clock.now() - late).timestamp())
    stale = standard_webhook(SIGNING_TOKEN, DELIVERY, at, body)
    answer = signed_door.post(signed_door.world.hook_url, body, {**signed_door.hook_headers(body), **stale})
    assert answer.status_code == 401
    assert "set both clocks" in answer.text


@pytest.mark.parametrize("stamp", ["soon", "-1", "1e9", "99999999999999999999", "1.5"])
def test_a_timestamp_that_is_no_number_is_refused(signed_door: Wire, stamp: str) -> None:
    assert signed_door.hook(signed_door.opened(), webhook_timestamp=stamp).status_code == 401


def test_one_good_signature_among_several_is_enough(signed_door: Wire) -> None:
    body = signed_door.opened(number=8)
    good = signed_door.hook_headers(body)["webhook-signature"]
    before = signed_door.stored
    answer = signed_door.hook(body, delivery=DELIVERY, webhook_signature=f"v1,AAAA v2,{good[3:]} {good}")
    assert (answer.status_code, answer.text) == (202, "stored\n")
    assert signed_door.stored == before + 1


def test_a_status_check_signs_with_the_signing_token(signed_door: Wire) -> None:
    body = json.dumps({**json.loads(signed_door.opened(number=9)), "external_approval_rule": {"id": 1, "name": "llmgate"}})
    digest = hmac.new(SIGNING_TOKEN.encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Gitlab-Signature": digest}
    forged = {**headers, "X-Gitlab-Signature": "0" * 64}
    assert signed_door.post(signed_door.world.hook_url, body.encode(), forged).status_code == 401
    assert signed_door.post(signed_door.world.hook_url, body.encode(), headers).text == "stored\n"


def test_a_form_is_refused(gitlab_door: Wire) -> None:
    answer = gitlab_door.hook(b"payload=%7B%7D", Content_Type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "send GitLab's own payloads" in answer.text


@pytest.mark.parametrize("lacking", [("X-Gitlab-Event",), ("Idempotency-Key", "X-Gitlab-Event-UUID")])
def test_a_delivery_that_could_not_be_known_again_is_refused(gitlab_door: Wire, lacking: tuple[str, ...]) -> None:
    body = gitlab_door.opened()
    headers = {name: value for name, value in gitlab_door.hook_headers(body).items() if name not in lacking}
    answer = gitlab_door.post(gitlab_door.world.hook_url, body, headers)
    assert answer.status_code == 400
    assert "let no proxy drop these headers" in answer.text


def test_an_unknown_action_is_ignored_by_name(gitlab_door: Wire) -> None:
    answer = gitlab_door.hook(gitlab_door.hooks.payload("merge_when_ready", 7))
    assert answer.status_code == 202
    assert answer.text.startswith("ignored: merge_request merge_when_ready")


def test_a_hook_of_the_whole_instance_is_read_like_any_other(gitlab_door: Wire) -> None:
    before = gitlab_door.stored
    answer = gitlab_door.hook(gitlab_door.opened(number=11), event="System Hook", delivery="5e5e5e5e-0011")
    assert (answer.status_code, answer.text) == (202, "stored\n")
    assert gitlab_door.stored == before + 1


def test_the_same_idempotency_key_is_the_same_delivery(gitlab_door: Wire) -> None:
    body = gitlab_door.opened(number=12)
    first = gitlab_door.hook(body, delivery="1de01de0-0012")
    again = gitlab_door.hook(body, delivery="1de01de0-0012", X_Gitlab_Event_UUID="another-event")
    assert (first.text, again.text) == ("stored\n", "seen before\n")
