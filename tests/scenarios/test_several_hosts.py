"""One gate between GitHub and two GitLab hosts: whose delivery is whose, and which secret opens which door."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.core.events import ChangeTouched
from bot.main import Gate, assemble, read_settings
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.github.auth import private_key
from integrations.sandbox.serve import Served
from integrations.sigstore.keys import make_key

NOWHERE = "http://127.0.0.1:9"
GITHUB_SECRET, MAIN_SECRET, WORK_SECRET = "s" * 16, "m" * 16, "w" * 16
SIGNING_KEY = b"k" * 32
HEAD = "5b1c" * 10


@dataclass(frozen=True, slots=True)
class Doors:
    gate: Gate
    served: Served

    def post(self, path: str, payload: object, headers: Mapping[str, str]) -> httpx.Response:
        return httpx.post(f"{self.served.url}{path}", content=json.dumps(payload).encode(), headers=headers, trust_env=False)

    def gitlab(self, name: str, token: str, key: str, project: str = "acme/shop") -> httpx.Response:
        """A merge request of that project was opened, says somebody who knows this token."""
        headers = {"X-Gitlab-Event": "Merge Request Hook", "X-Gitlab-Token": token, "Idempotency-Key": key}
        return self.post(f"/webhooks/gitlab/{name}", opened(project), headers)

    def stored(self) -> set[str]:
        """The changes that stored deliveries are about."""
        found = set()
        while job := self.gate.kit.store.claim_job("looker"):
            assert isinstance(job.event, ChangeTouched)
            found.add(job.event.change.key)
            self.gate.kit.store.finish_job(job)
        return found


def opened(project: str) -> dict[str, Any]:
    home = {"id": 31, "path_with_namespace": project, "web_url": f"https://gitlab.com/{project}"}
    last = {"id": HEAD}
    attributes = {"iid": 7, "action": "open", "state": "opened", "source_branch": "agent/login", "target_branch": "main"}
    user = {"id": 2001, "username": "ann"}
    return {
        "object_kind": "merge_request", "user": user, "project": home, "object_attributes": {**attributes, "last_commit": last}
    }  # fmt: skip


@pytest.fixture
def doors(tmp_path: Path, sqlite_template: Path) -> Iterator[Doors]:
    shutil.copyfile(sqlite_template, tmp_path / "llmgate.db")
    make_key(tmp_path / "signing.pem")
    (tmp_path / "app.pem").write_text(private_key())
    signing = f"whsec_{base64.b64encode(SIGNING_KEY).decode()}"
    main = {"url": NOWHERE, "token": "glpat-main", "webhook_token": MAIN_SECRET}
    work = {**main, "host": "git.acme.example", "token": "glpat-work", "webhook_token": WORK_SECRET, "group": "Acme"}
    signed = {**main, "host": "signed.acme.example", "webhook_token": "", "signing_token": signing}
    settings = read_settings(
        database={"url": f"sqlite:///{tmp_path / 'llmgate.db'}"},
        github={
            "app_id": "7",
            "private_key_file": str(tmp_path / "app.pem"),
            "webhook_secret": GITHUB_SECRET,
            "api_url": NOWHERE,
        },
        gitlab={"main": main, "work": work, "signed": signed, "later": {"host": "later.acme.example"}},
        signing={"key_file": str(tmp_path / "signing.pem")},
    )
    gate = assemble(settings, FakeClock())
    served = Served(gate.app)
    try:
        yield Doors(gate, served)
    finally:
        served.close()
        gate.close()


def test_each_delivery_lands_at_its_own_forge(doors: Doors) -> None:
    pull = {"number": 7, "head": {"sha": HEAD, "ref": "agent/login"}, "base": {"sha": "b" * 40, "ref": "main"}}
    body = {
        "action": "opened",
        "pull_request": pull,
        "repository": {"full_name": "acme/shop"},
        "sender": {"id": 1, "login": "a"},
    }
    digest = hmac.new(GITHUB_SECRET.encode(), json.dumps(body).encode(), hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": "0c0ffee0-1", "X-Hub-Signature-256": f"sha256={digest}"}
    answers = [
        doors.post("/webhooks/github", body, headers),
        doors.gitlab("main", MAIN_SECRET, "one-delivery"),
        doors.gitlab("work", WORK_SECRET, "one-delivery"),
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(202, "stored\n")] * 3
    assert doors.stored() == {
        "github:github.com/acme/shop#7",
        "gitlab:gitlab.com/acme/shop!7",
        "gitlab:git.acme.example/acme/shop!7",
    }
    assert {host for _, host in doors.gate.kit.forges} == {
        "github.com", "gitlab.com", "git.acme.example", "signed.acme.example"
    }  # fmt: skip


def test_the_secret_of_one_host_does_not_open_the_door_of_another(doors: Doors) -> None:
    for name, token in (("main", WORK_SECRET), ("work", MAIN_SECRET), ("main", GITHUB_SECRET), ("main", "")):
        answer = doors.gitlab(name, token, "a-delivery-of-another")
        assert answer.status_code == 401, (name, token)
    assert doors.stored() == set()


def test_a_host_that_signs_takes_nothing_unsigned(doors: Doors) -> None:
    assert doors.gitlab("signed", MAIN_SECRET, "an-unsigned-delivery").status_code == 401
    at = str(int(doors.gate.kit.clock.now().timestamp()))
    content = json.dumps(opened("acme/shop"))
    made = hmac.new(SIGNING_KEY, f"a-signed-delivery.{at}.{content}".encode(), hashlib.sha256).digest()
    headers = {
        "X-Gitlab-Event": "Merge Request Hook",
        "webhook-id": "a-signed-delivery",
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(made).decode()}",
    }
    for said in ("stored\n", "seen before\n"):
        answer = doors.post("/webhooks/gitlab/signed", opened("acme/shop"), headers)
        assert (answer.status_code, answer.text) == (202, said)
    assert doors.stored() == {"gitlab:signed.acme.example/acme/shop!7"}


def test_a_host_limited_to_a_group_ignores_what_is_beside_it(doors: Doors) -> None:
    for project in ("acmes/shop", "other/acme/shop"):
        answer = doors.gitlab("work", WORK_SECRET, f"about-{project.replace('/', '-')}", project)
        assert (answer.status_code, answer.text) == (202, "ignored: a project that is not below Acme\n")
    assert doors.gitlab("work", WORK_SECRET, "about-one-below", "acme/web/shop").text == "stored\n"
    assert doors.stored() == {"gitlab:git.acme.example/acme/web/shop!7"}


def test_a_section_without_a_token_opens_no_door(doors: Doors) -> None:
    assert doors.gitlab("later", "", "too-early-delivery").status_code == 404
