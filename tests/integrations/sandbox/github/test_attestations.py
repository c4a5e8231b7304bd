"""GitHub's attestation store: a bundle in, found by its subjects' digests, and every shape that is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from githubkit import AppInstallationAuthStrategy, GitHub

from integrations.sandbox.github.fake import FakeGitHub

AT = "/repos/acme/shop/attestations"
DIGEST, HEAD = "a" * 64, "b" * 40
VERDICT = "https://llmgate.test/verdict/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"


def statement(kind: str = VERDICT, **other: Any) -> dict[str, Any]:
    subject = [{"name": "shop", "digest": {"sha256": DIGEST, "sha1": HEAD}}]
    told = {"_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": kind, "predicate": {}, **other}
    return {name: value for name, value in told.items() if value is not None}


def encoded(said: object) -> str:
    return base64.b64encode(said if isinstance(said, bytes) else json.dumps(said).encode()).decode()


def bundle(said: object = None) -> dict[str, Any]:
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": "the key"}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": encoded(said or statement()),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": encoded(b"signed"), "keyid": ""}],
        },
    }


def store(raw: httpx.Client, what: object) -> httpx.Response:
    return raw.post(AT, json={"bundle": what})


def test_what_was_stored_is_found_by_each_digest_of_its_subject(raw: httpx.Client, github: FakeGitHub) -> None:
    made = store(raw, bundle())
    assert (made.status_code, made.json()) == (201, {"id": 1})
    by_sha256, by_sha1 = (raw.get(f"{AT}/{digest}").json() for digest in (f"sha256:{DIGEST}", f"sha1:{HEAD}"))
    (found,) = by_sha256["attestations"]
    assert by_sha1 == by_sha256
    assert (found["bundle"], found["repository_id"]) == (bundle(), github.world.repo("acme/shop").id)


def test_a_bundle_with_a_certificate_is_taken(raw: httpx.Client) -> None:
    real = bundle()
    real["verificationMaterial"] = {"certificate": {"rawBytes": encoded(b"der")}, "timestampVerificationData": {}}
    assert store(raw, real).status_code == 201


def test_a_newer_version_says_where_a_bundle_lies_and_does_not_hold_it(raw: httpx.Client) -> None:
    store(raw, bundle())
    (found,) = raw.get(f"{AT}/sha1:{HEAD}", headers={"X-GitHub-Api-Version": "2026-03-10"}).json()["attestations"]
    assert found.keys() == {"repository_id", "bundle_url"}


def test_the_same_bundle_is_taken_twice_and_the_newest_comes_first(raw: httpx.Client) -> None:
    for number in range(2):
        store(raw, bundle(statement(predicate={"number": number})))
    found = raw.get(f"{AT}/sha1:{HEAD}").json()["attestations"]
    payloads = [json.loads(base64.b64decode(each["bundle"]["dsseEnvelope"]["payload"])) for each in found]
    assert [payload["predicate"]["number"] for payload in payloads] == [1, 0]


@pytest.mark.parametrize(
    ("wanted", "count"), [("", 3), (VERDICT, 1), ("provenance", 2), (PROVENANCE, 1), ("https://slsa.dev/provenance/v0.2", 1)]
)
def test_a_predicate_type_narrows_the_list(raw: httpx.Client, wanted: str, count: int) -> None:
    for kind in (VERDICT, PROVENANCE, "https://slsa.dev/provenance/v0.2"):
        store(raw, bundle(statement(kind)))
    asked = {"predicate_type": wanted} if wanted else {}
    assert len(raw.get(f"{AT}/sha1:{HEAD}", params=asked).json()["attestations"]) == count


@pytest.mark.parametrize("kind", ["release", "https://other.test/v1"])
def test_none_of_a_type_is_not_found(raw: httpx.Client, kind: str) -> None:
    store(raw, bundle())
    assert raw.get(f"{AT}/sha1:{HEAD}", params={"predicate_type": kind}).status_code == 404


def test_none_about_a_digest_is_not_found(raw: httpx.Client) -> None:
    assert raw.get(f"{AT}/sha256:{DIGEST}").status_code == 404


@pytest.mark.parametrize("digest", ["sha256:xyz", DIGEST, f"md5:{'a' * 32}", f"sha256:{HEAD}", f"gitCommit:{HEAD}"])
def test_what_is_no_digest_is_refused(raw: httpx.Client, digest: str) -> None:
    assert raw.get(f"{AT}/{digest}").status_code == 422


def test_a_list_is_paged_by_a_cursor_that_a_client_follows(
    raw: httpx.Client, client: GitHub[AppInstallationAuthStrategy]
) -> None:
    for _ in range(5):
        store(raw, bundle())
    first = raw.get(f"{AT}/sha1:{HEAD}", params={"per_page": 2})
    second = raw.get(first.links["next"]["url"])
    third = raw.get(second.links["next"]["url"])
    assert [len(page.json()["attestations"]) for page in (first, second, third)] == [2, 2, 1]
    assert "prev" not in first.links
    assert "next" not in third.links
    assert raw.get(second.links["prev"]["url"]).json() == first.json()
    assert raw.get(third.links["prev"]["url"]).json() == second.json()
    told = client.rest.repos.list_attestations("acme", "shop", f"sha1:{HEAD}", per_page=2).json()
    assert len(told["attestations"]) == 2


def test_a_cursor_of_another_list_is_refused(raw: httpx.Client) -> None:
    store(raw, bundle())
    assert raw.get(f"{AT}/sha1:{HEAD}", params={"after": "bm90aGluZw=="}).status_code == 422


def changed(path: str, value: object) -> dict[str, Any]:
    """A good bundle but for one part; None takes the part away."""
    whole = bundle()
    part: Any = whole
    *above, last = path.split(".")
    for name in above:
        part = part[int(name) if name.isdigit() else name]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return whole


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("mediaType", None),
        ("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.2"),
        ("messageSignature", {"signature": "x"}),
        ("verificationMaterial", None),
        ("verificationMaterial.publicKey", None),
        ("verificationMaterial.publicKey", {}),
        ("verificationMaterial.certificate", {"rawBytes": "eA=="}),
        ("verificationMaterial.x509CertificateChain", {"certificates": []}),
        ("verificationMaterial.tlogEntries", {}),
        ("verificationMaterial.timestampVerificationData", []),
        ("dsseEnvelope", None),
        ("dsseEnvelope.payloadType", "text/plain"),
        ("dsseEnvelope.payload", None),
        ("dsseEnvelope.payload", "%%%"),
        ("dsseEnvelope.payload", encoded(b"no json")),
        ("dsseEnvelope.signatures", []),
        ("dsseEnvelope.signatures", [{"sig": "eA=="}, {"sig": "eA=="}]),
        ("dsseEnvelope.signatures.0.sig", ""),
        ("dsseEnvelope.signatures.0.cert", "x"),
        ("dsseEnvelope.payload", encoded({"_type": "https://in-toto.io/Statement/v0.1"})),
        ("dsseEnvelope.payload", encoded(statement(""))),
        ("dsseEnvelope.payload", encoded(statement(subject=[]))),
        ("dsseEnvelope.payload", encoded(statement(subject=[{"name": "shop"}]))),
        ("dsseEnvelope.payload", encoded(statement(subject=["shop"]))),
    ],
)
def test_a_bundle_of_another_shape_is_refused(raw: httpx.Client, path: str, value: object) -> None:
    answer = store(raw, changed(path, value))
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    assert raw.get(f"{AT}/sha1:{HEAD}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"bundle": "text"}, {"bundle": {}, "more": 1}])
def test_a_body_of_another_shape_is_refused(raw: httpx.Client, body: dict[str, Any]) -> None:
    assert raw.post(AT, json=body).status_code == 422


@pytest.mark.parametrize(("granted", "statuses"), [("read", (403, 404)), ("none", (403, 403))])
def test_an_app_without_the_permission_is_refused(
    raw: httpx.Client, github: FakeGitHub, granted: str, statuses: object
) -> None:
    permissions = {**github.app.permissions, "attestations": granted}
    github.app.permissions = {name: level for name, level in permissions.items() if level != "none"}
    raw.headers["Authorization"] = f"token {github.verbs.tokens.mint({})['token']}"
    assert (store(raw, bundle()).status_code, raw.get(f"{AT}/sha1:{HEAD}").status_code) == statuses
