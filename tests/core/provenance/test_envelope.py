"""The statement around a document: what is written is read back, and what is not ours is refused by name."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from sigstore.dsse import Statement

from bot.core.provenance.envelope import BUILD_TYPE, LIMITS, SLSA_TYPE, disclose, enclose
from bot.core.provenance.model import Refusal
from tests.core.provenance.documents import least
from tests.core.provenance.documents import whole as document

SLSA_SCHEMA = {
    "type": "object",
    "required": ["buildDefinition", "runDetails"],
    "properties": {
        "buildDefinition": {"type": "object", "required": ["buildType", "externalParameters"]},
        "runDetails": {"type": "object", "required": ["builder"], "properties": {"builder": {"required": ["id"]}}},
    },
}
"""What SLSA v1.0 `provenance` calls required."""


def statement(**changed: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(enclose(document()))
    return {**whole, **changed}


def refusal(value: object) -> Refusal:
    read = disclose(json.dumps(value).encode())
    assert isinstance(read, Refusal)
    assert read.saw
    assert read.wanted
    assert read.cure
    return read


def test_a_document_comes_out_as_it_went_in() -> None:
    out = disclose(enclose(document()))
    assert isinstance(out, bytes)
    assert json.loads(out) == document()


def test_other_tools_can_read_it() -> None:
    whole = statement()
    jsonschema.validate(whole["predicate"], SLSA_SCHEMA)
    assert (whole["predicateType"], whole["predicate"]["buildDefinition"]["buildType"]) == (SLSA_TYPE, BUILD_TYPE)
    Statement(enclose(least()))  # which refuses what sigstore would not sign
    assert whole["predicate"]["runDetails"]["metadata"]["finishedOn"].endswith("Z")


@pytest.mark.parametrize(
    ("whole", "says"),
    [
        ([], "no in-toto statement"),
        (statement(_type="https://in-toto.io/Statement/v0.1"), "no in-toto statement"),
        (statement(predicateType="https://in-toto.io/attestation/test-result/v0.1"), "test-result/v0.1`"),
        (statement(predicateType=7), "that is no text"),
        (statement(predicateType="a\n`b`"), "cannot be shown"),
        (statement(predicate={}), "the build type that is not there"),
        (
            statement(predicate={"buildDefinition": {"buildType": "https://actions.github.io/buildtypes/workflow/v1"}}),
            "actions",
        ),
        (statement(predicate={"buildDefinition": {"buildType": BUILD_TYPE}}), "no document"),
    ],
)
def test_what_is_no_provenance_of_ours_is_refused_by_name(whole: object, says: str) -> None:
    assert says in refusal(whole).saw


def test_a_prompt_or_a_secret_anywhere_in_the_statement_is_refused_and_not_shown() -> None:
    whole = statement()
    whole["predicate"]["buildDefinition"]["internalParameters"] = {"prompt": "write a login"}
    read = refusal(whole)
    assert "a prompt or reply in clear" in read.saw
    assert "login" not in repr(read)
    whole["predicate"]["buildDefinition"]["internalParameters"] = {"token": "ghp_" + "a1B2" * 9}
    read = refusal(whole)
    assert "a GitHub token" in read.saw
    assert "a1B2" not in repr(read)


def test_subjects_may_not_contradict_the_document() -> None:
    whole = statement()
    whole["subject"][0]["digest"]["sha256"] = "0" * 64
    assert "another digest at `subject[0]`" in refusal(whole).saw


def test_a_key_said_twice_is_refused() -> None:
    """Readers differ in which of the two they take."""
    text = enclose(document()).decode()
    doubled = text[:-1] + ',"predicateType":"urn:other"}'
    read = disclose(doubled.encode())
    assert isinstance(read, Refusal)
    assert "one key twice" in read.saw


def test_size_is_bounded() -> None:
    read = disclose(b" " * (LIMITS.bytes + 1))
    assert isinstance(read, Refusal)
    assert "bytes" in read.saw
