"""Routes about attestations: a bundle stored for a repository, and asked for by the digest of what it is about."""

from __future__ import annotations

import re

from integrations.sandbox.github.bundles import read_bundle
from integrations.sandbox.github.call import Answer, Call, Routes
from integrations.sandbox.github.model import Attestation
from integrations.sandbox.github.refusal import Refusal, not_found
from integrations.sandbox.github.render import Json
from integrations.sandbox.github.validation import Field, checked

ROUTES = Routes()
NEWER = "2026-03-10"
"""From this version of the API on, a list says where bundles lie and no longer holds them."""
KNOWN_TYPES = {
    "provenance": "https://slsa.dev/provenance/",
    "sbom": "https://spdx.dev/Document",
    "release": "https://in-toto.io/attestation/release/",
}
"""What the short names of predicate types stand for: every version."""
_DIGEST = re.compile(r"sha1:[0-9a-f]{40}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


@ROUTES.add("POST /repos/{owner}/{repo}/attestations", "attestations:write")
def store(call: Call) -> Answer:
    """The same bundle is taken any number of times."""
    bundle = checked("Attestation", call.body, {"bundle": Field(dict, required=True)})["bundle"]
    said = read_bundle(bundle)
    number = call.verbs.world.next_id("attestation")
    call.repo.attestations.append(Attestation(number, bundle, said.digests, said.predicate_type))
    return Answer({"id": number}, 201)


@ROUTES.add("GET /repos/{owner}/{repo}/attestations/{subject_digest}", "attestations:read")
def stored(call: Call) -> Answer:
    """The newest first, page by page with a cursor. GitHub answers 404 where there is none."""
    digest, kind = call.path["subject_digest"], call.query.get("predicate_type", "")
    if not _DIGEST.fullmatch(digest):
        raise Refusal(422, "Invalid request.\n\nsubject_digest must be an algorithm and a digest in hex, as in sha256:...")
    found = [each for each in reversed(call.repo.attestations) if digest in each.digests and _fits(each, kind)]
    if not found:
        raise not_found()
    answer = call.by_cursor(found, lambda each: each.id)
    return Answer({"attestations": [_told(call, each) for each in answer.body]}, links=answer.links)


def _fits(attestation: Attestation, wanted: str) -> bool:
    if wanted in KNOWN_TYPES:
        return attestation.predicate_type.startswith(KNOWN_TYPES[wanted])
    return wanted in ("", attestation.predicate_type)


def _told(call: Call, attestation: Attestation) -> Json:
    where = f"{call.verbs.world.url}/attestation-bundles/{attestation.id}"
    told: Json = {"repository_id": call.repo.id, "bundle_url": where}
    return told if call.version >= NEWER else {"bundle": attestation.bundle, **told}
