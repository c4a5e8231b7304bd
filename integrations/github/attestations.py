"""GitHub's attestation store: where a verdict is put for others to ask for by the commit's digest.

Documented for `sha256:` digests of built artifacts; GitHub keeps what it attests of a release's commit there under `sha1:`,
which is how `gh release verify` asks, and any predicate type may be stored. The same statement is taken any number of times.
"""

from __future__ import annotations

import json

from bot.core.actions import PublishSummary
from bot.core.summary import SUMMARY_TYPE, is_bundle_of
from bot.ports.answers import Tolerant
from bot.ports.errors import Refused, Vanished
from bot.ports.forge import IN_DOUBT
from integrations.github.client import Session


class MadeItem(Tolerant):
    id: int = 0


class StoredItem(Tolerant):
    bundle: object = None
    """Newer versions of the API leave it out, and say where it lies instead."""


class StoredList(Tolerant):
    attestations: tuple[StoredItem, ...] = ()


def publish(session: Session, action: PublishSummary, external_id: str | None) -> str:
    """Store the bundle. One in doubt that is there already is left alone."""
    if external_id and external_id != IN_DOUBT:
        return external_id
    if external_id == IN_DOUBT and _is_there(session, action):
        return f"attestation of {action.head_sha}"
    body = {"bundle": json.loads(action.bundle)}
    made = session.write("POST", f"/repos/{action.change.repo.path}/attestations", body, MadeItem)
    return f"attestation:{made.id}"


def _is_there(session: Session, action: PublishSummary) -> bool:
    """Not, where GitHub does not say: to say the same twice is harmless, and not to have said it is not."""
    path = f"/repos/{action.change.repo.path}/attestations/sha1:{action.head_sha}"
    try:
        for page in session.each_page(path, _stored, {"predicate_type": SUMMARY_TYPE}):
            if any(is_bundle_of(item.bundle, action.statement) for item in page):
                return True
    except (Refused, Vanished):
        return False
    return False


def _stored(page: object) -> tuple[StoredItem, ...]:
    return StoredList.model_validate(page).attestations
