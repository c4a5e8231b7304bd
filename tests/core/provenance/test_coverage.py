"""Which generated file is bound to which document, by content."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.facts import ChangedFile
from bot.core.provenance.coverage import cover
from bot.core.provenance.model import Attestation, Coverage, FoundDocument, GeneratedFile, ProvenanceDocument, Refusal

OLD, NEW = "ab" * 32, "cd" * 32
OLD_BLOB, NEW_BLOB = "ab" * 20, "cd" * 20
DOC = ".llmgate/provenance/a.json"
EMPTY = ProvenanceDocument(
    model_name="m",
    model_version="1",
    model_provider="p",
    prompt_hash="hmac-sha256:" + OLD,
    prompt_version="1",
    user_id="u",
    agent_id="a",
    timestamp=datetime(2026, 3, 1, tzinfo=UTC),
    files_generated=(),
)


def found(*entries: tuple[str, str], path: str = DOC, attested: Attestation = "none") -> FoundDocument:
    """A document that names files; an entry is (path, digests joined by a space)."""
    files = tuple(GeneratedFile(name, tuple(digests.split())) for name, digests in entries)
    return FoundDocument(path, "00" * 32, document=replace(EMPTY, files_generated=files), attested=attested)


def added(path: str, sha256: str | None = OLD, blob: str | None = OLD_BLOB) -> ChangedFile:
    return ChangedFile(path, "added", 3, 0, blob=blob, sha256=sha256)


@pytest.mark.parametrize("digests", [f"sha256:{OLD}", f"gitblob:{OLD_BLOB}", f"sha256:{OLD} gitblob:{OLD_BLOB}"])
def test_a_file_whose_digest_matches_is_covered(digests: str) -> None:
    assert cover([found(("a.py", digests))], [added("a.py")]).covered == (("a.py", DOC),)


def test_one_comparable_digest_is_enough_when_the_other_is_not_known() -> None:
    both = found(("a.py", f"sha256:{OLD} gitblob:{OLD_BLOB}"))
    assert cover([both], [added("a.py", sha256=None)]).covered == (("a.py", DOC),)


@pytest.mark.parametrize("digests", [f"sha256:{NEW}", f"gitblob:{NEW_BLOB}", f"sha256:{OLD} gitblob:{NEW_BLOB}"])
def test_any_digest_that_differs_is_drift_and_names_the_document(digests: str) -> None:
    answer = cover([found(("a.py", digests))], [added("a.py")])
    assert answer.drifted == (("a.py", DOC),)
    assert answer.covered == ()


def test_a_file_that_no_document_names_is_uncovered() -> None:
    answer = cover([found(("b.py", f"sha256:{OLD}"))], [added("a.py")])
    assert answer.uncovered == ("a.py",)
    assert answer.missing == (("b.py", DOC),)


def test_the_right_bytes_under_another_name_do_not_cover() -> None:
    assert cover([found(("b.py", f"sha256:{OLD}"))], [added("a.py"), added("b.py", sha256=NEW)]).uncovered == ("a.py",)


def test_a_file_that_could_not_be_read_is_unknown_not_covered() -> None:
    answer = cover([found(("a.py", f"sha256:{OLD}"))], [added("a.py", sha256=None, blob=None)])
    assert answer.unknown == ("a.py",)
    assert not answer.covered
    assert not answer.drifted
    only_sha = cover([found(("a.py", f"sha256:{OLD}"))], [added("a.py", sha256=None)])
    assert only_sha.unknown == ("a.py",)


def test_a_rename_is_drift_from_the_document_of_the_old_name() -> None:
    renamed = ChangedFile("new.py", "renamed", 0, 0, blob=OLD_BLOB, sha256=OLD, previous_path="old.py")
    answer = cover([found(("old.py", f"sha256:{OLD}"))], [renamed])
    assert answer.drifted == (("new.py", DOC),)
    assert answer.missing == ()


def test_a_rename_attested_under_its_new_name_is_covered() -> None:
    renamed = ChangedFile("new.py", "renamed", 0, 0, blob=OLD_BLOB, sha256=OLD, previous_path="old.py")
    documents = [found(("old.py", f"sha256:{OLD}")), found(("new.py", f"sha256:{OLD}"), path="b.json")]
    assert cover(documents, [renamed]).covered == (("new.py", "b.json"),)


def test_a_removed_file_needs_no_cover() -> None:
    removed = ChangedFile("a.py", "removed", 0, 9)
    assert cover([found(("a.py", f"sha256:{OLD}"))], [removed]) == Coverage()


def test_a_refused_document_covers_nothing() -> None:
    refused = replace(found(("a.py", f"sha256:{OLD}")), refusal=Refusal("a prompt", "none", "remove it"))
    assert cover([refused], [added("a.py")]).uncovered == ("a.py",)
    assert cover([FoundDocument(DOC, "00" * 32)], [added("a.py")]).uncovered == ("a.py",)


def test_a_document_with_an_invalid_signature_covers_nothing() -> None:
    invalid = found(("a.py", f"sha256:{OLD}"), attested="invalid")
    assert cover([invalid], [added("a.py")]).uncovered == ("a.py",)


def test_a_later_document_covers_what_an_older_one_no_longer_does() -> None:
    documents = [found(("a.py", f"sha256:{NEW}")), found(("a.py", f"sha256:{OLD}"), path="z.json")]
    answer = cover(documents, [added("a.py")])
    assert answer.covered == (("a.py", "z.json"),)
    assert answer.drifted == ()


@pytest.mark.parametrize("attested", ["keyless", "organisation-key"])
def test_of_two_that_cover_the_signed_document_is_named(attested: Attestation) -> None:
    signed = found(("a.py", f"sha256:{OLD}"), path="z.json", attested=attested)
    assert cover([found(("a.py", f"sha256:{OLD}")), signed], [added("a.py")]).covered == (("a.py", "z.json"),)


def test_every_file_is_sorted_into_exactly_one_place() -> None:
    documents = [found(("a", f"sha256:{OLD}"), ("b", f"sha256:{NEW}"), ("c", f"sha256:{OLD}"), ("gone", f"sha256:{OLD}"))]
    answer = cover(documents, [added("d"), added("c", None, None), added("b"), added("a")])
    assert (answer.covered, answer.drifted, answer.unknown, answer.uncovered) == ((("a", DOC),), (("b", DOC),), ("c",), ("d",))
    assert answer.missing == (("gone", DOC),)


def test_nothing_generated_and_no_documents_is_nothing() -> None:
    assert cover([], []) == Coverage()
