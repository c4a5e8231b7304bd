"""Bundles read strictly: what is taken, and which bytes two readers might take for different bundles."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from integrations.sigstore.bundle import (
    MAX_BYTES,
    MEDIA_TYPES,
    BadBundle,
    Envelope,
    Material,
    Message,
    read_any_bundle,
    read_bundle,
    render_bundle,
)
from tests.integrations.sigstore.bundles import altered, of_file, of_statement, statement
from tests.local_sigstore.authority import new_key

KEY = new_key()
SIGNED = of_statement(KEY, statement(gitCommit="c" * 40))
FILE = of_file(KEY, b"hello")
DEEP = b'{"mediaType":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_every_version_is_read_however_it_is_spelled(media_type: str) -> None:
    found = read_any_bundle(altered(SIGNED, lambda whole: whole.update(mediaType=media_type)))
    assert isinstance(found, Envelope)
    assert found.payload == statement(gitCommit="c" * 40)
    assert isinstance(read_any_bundle(altered(FILE, lambda whole: whole.update(mediaType=media_type))), Message)


def test_what_was_rendered_is_read_back() -> None:
    for material in (
        Material("a key"),
        Material(certificates=(b"1",), timestamps=(b"t",)),
        Material(certificates=(b"1", b"2")),
    ):
        envelope = Envelope(b"{}", "text/plain", b"signature", material)
        assert read_bundle(render_bundle(envelope)) == envelope


def test_lines_of_base64_are_read_as_one() -> None:
    def wrap(whole: Any) -> None:
        text = whole["dsseEnvelope"]["payload"]
        whole["dsseEnvelope"]["payload"] = "\n".join(text[at : at + 76] for at in range(0, len(text), 76))

    assert read_bundle(altered(SIGNED, wrap)) == read_bundle(SIGNED)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no JSON"),
        (SIGNED + b"{}", "no JSON"),
        (SIGNED + b"\0", "no JSON"),
        (SIGNED[:-1], "no JSON"),
        (b"\xef\xbb\xbf" + SIGNED, "no JSON"),
        (SIGNED.decode().encode("utf-16"), "no JSON"),
        (SIGNED.replace(b"hint is", b"hint \xff"), "no JSON"),
        (DEEP, "no JSON"),
        (b'{"mediaType": NaN}', "saw NaN"),
        (b'{"mediaType": ' + b"9" * 5000 + b"}", "no JSON"),
        (b"[]", "saw media type 'list'"),
        (b" " * (MAX_BYTES + 1), "at most 1,048,576"),
        (SIGNED[:-1] + b', "mediaType": "x"}', "saw the key 'mediaType' twice"),
        (SIGNED.replace(b'"payload":', b'"payload": "e30=", "payload":'), "saw the key 'payload' twice"),
        (SIGNED.replace(b'"hint":', b'"hint": "x", "hint":'), "saw the key 'hint' twice"),
    ],
)  # fmt: skip
def test_bytes_that_two_readers_may_read_otherwise_are_refused(content: bytes, says: str) -> None:
    with pytest.raises(BadBundle, match="saw ") as refused:
        read_any_bundle(content)
    assert says in str(refused.value)
    assert "; wanted " in str(refused.value)


def material(**given: object) -> Callable[[Any], object]:
    return lambda whole: whole["verificationMaterial"].update(given)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda whole: whole.update(mediaType="application/vnd.dev.sigstore.bundle.v0.4+json"), "v0.4"),
        (lambda whole: whole.update(mediaType=3), "saw media type '3'"),
        (lambda whole: whole.pop("verificationMaterial"), "no dsseEnvelope with verificationMaterial"),
        (lambda whole: whole.pop("dsseEnvelope"), "no dsseEnvelope with verificationMaterial"),
        (lambda whole: whole.update(messageSignature={"signature": ""}), "both dsseEnvelope and messageSignature"),
        (lambda whole: whole["dsseEnvelope"].update(signatures=[]), "other than one signature"),
        (lambda whole: whole["dsseEnvelope"]["signatures"].append({"sig": ""}), "other than one signature"),
        (lambda whole: whole["dsseEnvelope"].update(payload="e30"), "'payload' that is no base64"),
        (lambda whole: whole["dsseEnvelope"].update(payload="e3-_"), "'payload' that is no base64"),
        (lambda whole: whole["dsseEnvelope"].update(payload=["e30="]), "saw no 'payload'"),
        (lambda whole: whole["dsseEnvelope"].update(payloadType="\ud800"), "'payloadType' with half a character"),
        (lambda whole: whole["dsseEnvelope"].update(payload="\ud800"), "'payload' that is no base64"),
        (material(publicKey={"hint": "\udfff"}), "'hint' with half a character"),
        (material(certificate={"rawBytes": "AAAA"}), "publicKey and certificate together"),
        (material(publicKey=None, x509CertificateChain={"certificates": []}), "an empty chain"),
        (material(publicKey=None, x509CertificateChain={"certificates": [{}] * 11}), "no list of at most 10"),
        (material(publicKey=None, certificate={}), "saw no 'rawBytes'"),
        (material(tlogEntries={}), "'tlogEntries' that is no list"),
        (material(tlogEntries=[{}] * 33), "no list of at most 32"),
        (material(tlogEntries=["x"]), "'tlogEntries' that is no list"),
        (material(timestampVerificationData={"rfc3161Timestamps": [{}]}), "saw no 'signedTimestamp'"),
        (material(timestampVerificationData=[1]), "'rfc3161Timestamps' that is no list"),
    ],
)  # fmt: skip
def test_each_wrong_part_is_named(change: Callable[[Any], object], says: str) -> None:
    with pytest.raises(BadBundle, match="saw ") as refused:
        read_any_bundle(altered(SIGNED, change))
    assert says in str(refused.value)


@pytest.mark.parametrize("digest", [{"algorithm": "SHA2_512", "digest": "AAAA"}, [], {"algorithm": "SHA2_256"}])
def test_a_digest_of_another_kind_is_refused(digest: object) -> None:
    with pytest.raises(BadBundle, match="wanted"):
        read_any_bundle(altered(FILE, lambda whole: whole["messageSignature"].update(messageDigest=digest)))


def test_a_bundle_need_not_say_the_digest() -> None:
    found = read_any_bundle(altered(FILE, lambda whole: whole["messageSignature"].pop("messageDigest")))
    assert isinstance(found, Message)
    assert found.sha256 == b""


def test_a_bare_signature_is_no_statement() -> None:
    with pytest.raises(BadBundle, match="wanted a DSSE bundle"):
        read_bundle(FILE)


def test_what_is_absent_may_be_said_with_null() -> None:
    change = material(tlogEntries=None, certificate=None, timestampVerificationData=None)
    assert read_any_bundle(altered(SIGNED, change)) == read_any_bundle(SIGNED)
    assert json.loads(SIGNED)["verificationMaterial"]["tlogEntries"] == []
