"""Where a verdict is put for others on GitLab: the generic package `llmgate-verdict` of the project, its version the commit.

GitLab's own store of attestations takes what its CI made and nothing else. Of two files of one name the newer is served.
"""

from __future__ import annotations

import json

from bot.core.actions import PublishSummary
from bot.core.summary import is_bundle_of
from bot.ports.errors import Refused, Vanished
from bot.ports.forge import IN_DOUBT
from integrations.gitlab.client import Client
from integrations.gitlab.paths import project_path

PACKAGE = "llmgate-verdict"
FILE = "summary.sigstore.json"
READ_LIMIT = 1024 * 1024
"""Bytes of a bundle that are read back, at most; ours are a few thousand."""


def publish(client: Client, action: PublishSummary, external_id: str | None) -> str:
    """Store the bundle. One in doubt that is there already is left alone."""
    if external_id and external_id != IN_DOUBT:
        return external_id
    where = f"packages/generic/{PACKAGE}/{action.head_sha}/{FILE}"
    path = f"{project_path(action.change.repo.path)}/{where}"
    if external_id != IN_DOUBT or not _is_there(client, path, action.statement):
        client.upload(path, action.bundle.encode())
    return where


def _is_there(client: Client, path: str, statement: str) -> bool:
    """Not, where GitLab does not say: to say the same twice is harmless, and not to have said it is not."""
    try:
        found = client.raw(path, READ_LIMIT)
        return found is not None and is_bundle_of(json.loads(found), statement)
    except (Refused, Vanished, ValueError, RecursionError):
        return False
