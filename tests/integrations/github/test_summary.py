"""The verdict in GitHub's attestation store: put there once, and found by the commit."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bot.core.actions import PublishSummary
from bot.core.ids import ChangeRef
from bot.core.in_toto import render
from bot.core.summary import SUMMARY_TYPE
from bot.ports.errors import Refused, Unavailable, Vanished
from bot.ports.forge import IN_DOUBT
from integrations.sigstore.bundle import sign_bundle
from integrations.sigstore.keys import fingerprint
from tests.integrations.github.conftest import SHOP, Scene

STORE = f"POST /repos/{SHOP}/attestations"
KEY = ec.derive_private_key(7, ec.SECP256R1())


@pytest.fixture
def ref(scene: Scene) -> ChangeRef:
    scene.github.push(SHOP, "feature", {"a.py": "a\n"}, by="ann")
    return scene.change()


def summary(scene: Scene, ref: ChangeRef, about: str = "verdict") -> PublishSummary:
    """A statement as the gate signs it anew with each try: another signature each time."""
    head = scene.github.head(SHOP, "feature")
    statement = render([{"digest": {"gitCommit": head, "sha1": head}}], SUMMARY_TYPE, {"about": about})
    bundle = sign_bundle(KEY, fingerprint(KEY.public_key()), statement)
    return PublishSummary(ref, head, statement.decode(), "k", bundle.decode())


def stored(scene: Scene, by: str = "ann") -> list[dict[str, Any]]:
    """What anybody who may read finds by the commit."""
    url = f"{scene.github.api_url}/repos/{SHOP}/attestations/sha1:{scene.github.head(SHOP, 'feature')}"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {scene.github.token_for(by)}"})
    return [] if answer.status_code == 404 else [item["bundle"] for item in answer.json()["attestations"]]


def posts(scene: Scene) -> int:
    return [str(call).partition(" -> ")[0] for call in scene.github.calls].count(STORE)


def test_it_is_stored_with_one_call_and_found_by_the_commit(scene: Scene, ref: ChangeRef) -> None:
    action = summary(scene, ref)
    scene.forge.fetch_open(ref.repo)
    scene.asked()
    assert scene.forge.deliver(action, None, "k1").startswith("attestation:")
    assert scene.asked() == [STORE]
    assert stored(scene) == [json.loads(action.bundle)]


def test_one_that_was_stored_is_not_stored_again(scene: Scene, ref: ChangeRef) -> None:
    made = scene.forge.deliver(summary(scene, ref), None, "k1")
    assert scene.forge.deliver(summary(scene, ref), made, "k1") == made
    assert posts(scene) == 1


def test_a_lost_answer_does_not_store_it_twice(scene: Scene, ref: ChangeRef) -> None:
    scene.github.fail_next(STORE, 502, after=True)
    with pytest.raises(Unavailable):
        scene.forge.deliver(summary(scene, ref), None, "k1")
    scene.forge.deliver(summary(scene, ref), IN_DOUBT, "k1")
    assert (posts(scene), len(stored(scene))) == (1, 1)


def test_one_in_doubt_that_did_not_get_there_is_stored(scene: Scene, ref: ChangeRef) -> None:
    scene.forge.deliver(summary(scene, ref, "an earlier verdict"), None, "k0")
    scene.forge.deliver(summary(scene, ref), IN_DOUBT, "k1")
    assert len(stored(scene)) == 2


def test_where_the_store_cannot_be_read_it_is_rather_said_twice(scene: Scene, ref: ChangeRef) -> None:
    scene.forge.deliver(summary(scene, ref), None, "k1")
    scene.github.fail_next(f"GET /repos/{SHOP}/attestations/*", 422)
    scene.forge.deliver(summary(scene, ref), IN_DOUBT, "k1")
    assert len(stored(scene)) == 2


def test_what_is_missing_is_named_where_it_is_denied(scene: Scene, ref: ChangeRef) -> None:
    del scene.github.app.permissions["attestations"]
    with pytest.raises(Refused, match="attestations=write"):
        scene.forge.deliver(summary(scene, ref), None, "k1")


def test_a_github_that_has_no_such_store_says_so(scene: Scene, ref: ChangeRef) -> None:
    scene.github.fail_next(STORE, 404)
    with pytest.raises(Vanished):
        scene.forge.deliver(summary(scene, ref), None, "k1")
