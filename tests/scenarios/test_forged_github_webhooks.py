"""Webhooks that claim to be GitHub's and are not, or are not as the gate takes them: turned away with the cure."""

from __future__ import annotations

import pytest

from tests.scenarios.traces import overheard, secrets_of
from tests.scenarios.wire import Wire


def test_a_forged_signature_is_refused_and_nothing_is_stored(github_door: Wire) -> None:
    before = github_door.stored
    with overheard() as ears:
        answer = github_door.hook(github_door.opened(), X_Hub_Signature_256="sha256=" + "0" * 64)
    assert answer.status_code == 401
    assert "the signature does not match the body" in answer.text
    assert github_door.stored == before
    assert not [secret for secret in secrets_of(github_door.world) if secret in answer.text or secret in ears.all]


def test_a_signature_by_another_secret_is_refused(github_door: Wire) -> None:
    body = github_door.opened()
    altered = body.replace(b"ann", b"sue")
    answer = github_door.post(github_door.world.hook_url, altered, github_door.hook_headers(body))
    assert answer.status_code == 401


@pytest.mark.parametrize("signature", ["", "sha1=" + "0" * 40, "sha256=", "sha256=ünï", "nonsense"])
def test_a_missing_or_odd_signature_is_refused_with_the_cure(github_door: Wire, signature: str) -> None:
    body = github_door.opened()
    headers = {**github_door.hook_headers(body), "X-Hub-Signature-256": signature}
    raw = [(name.encode(), value.encode()) for name, value in headers.items() if value]
    before = github_door.stored
    answer = github_door.post(github_door.world.hook_url, body, dict(raw))  # type: ignore[arg-type]  # httpx takes bytes as well
    assert answer.status_code == 401
    assert answer.text.strip()
    assert github_door.stored == before


def test_a_form_is_refused_with_the_setting_to_change(github_door: Wire) -> None:
    answer = github_door.hook(b"payload=%7B%7D", Content_Type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "content type to application/json" in answer.text


@pytest.mark.parametrize("header", ["X_GitHub_Event", "X_GitHub_Delivery"])
def test_a_delivery_without_its_headers_is_refused(github_door: Wire, header: str) -> None:
    answer = github_door.hook(github_door.opened(), **{header: ""})
    assert answer.status_code == 400
    assert "X-GitHub-Event and X-GitHub-Delivery" in answer.text


def test_an_unknown_action_is_ignored_by_name(github_door: Wire) -> None:
    answer = github_door.hook(github_door.hooks.payload("auto_merge_enabled", 7))
    assert answer.status_code == 202
    assert answer.text.startswith("ignored: pull_request.auto_merge_enabled")
