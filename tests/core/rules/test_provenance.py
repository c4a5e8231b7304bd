"""Provenance: present, matching, attested, and within what is allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.evaluate import evaluate
from bot.core.facts import Facts
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.core.provenance.model import FoundDocument, GeneratedFile, Refusal, Retrieval
from bot.core.rules.provenance import EMIT, SIGN
from bot.core.verdict import Finding
from tests.core.build import BOB, LOW, POLICY_TEXT, approved, changed, commit, document, facts

SIGNED = "provenance: {signed: true, signers: [{identity: a, issuer: b}]}"
REFUSED = FoundDocument(".llmgate/provenance/2.json", "e" * 64, refusal=Refusal("a prompt in clear", "a digest", "remove it"))


def judged(about: Facts, policy: str = "") -> tuple[str, dict[str, Finding]]:
    settled = join(None, parse_policy(POLICY_TEXT + policy, "p"), "p")
    assert not settled.problems
    verdict = evaluate(approved(replace(about, policy=settled), BOB))
    return verdict.state, {one.rule: one for top in verdict.findings for one in top.walk()}


BLOCKS: list[tuple[str, Facts, str, str, str]] = [
    ("no document", facts(documents=()), "", "provenance.uncovered", LOW),
    ("a file left out", facts(LOW, "b.py", documents=(document(LOW),)), "", "provenance.uncovered", "b.py"),
    ("a file changed since", facts(files=(changed(LOW, blob="9" * 40),)), "", "provenance.drifted", LOW),
    (
        "a file renamed since",
        facts(files=(changed("new.py", status="renamed", previous_path=LOW),)),
        "",
        "provenance.drifted",
        "new.py",
    ),
    ("nothing to compare", facts(files=(changed(LOW, blob=None),)), "", "provenance.unknown", LOW),
    ("a refused document", facts(documents=(document(LOW), REFUSED)), "", "provenance.refused", "a prompt in clear"),
    ("a bad signature", facts(documents=(document(LOW, attested="invalid"),)), "", "provenance.signature", "does not verify"),
    ("no signature where one is asked for", facts(), SIGNED, "provenance.unsigned", "1.json"),
    ("a model off the list", facts(), "provenance: {models: [openai/*]}", "provenance.model", "anthropic/claude-sonnet@4.5"),
    (
        "a licence off the list",
        facts(documents=(document(LOW, retrievals=(Retrieval("doc-1", "sha256:0", "GPL-3.0-only"),)),)),
        "provenance: {licenses: [MIT]}",
        "provenance.licence",
        "doc-1 (GPL-3.0-only)",
    ),
    (
        "no licence stated",
        facts(documents=(document(LOW, retrievals=(Retrieval("doc-1", "sha256:0", ""),)),)),
        "",
        "provenance.licence",
        "no licence stated",
    ),
]


@pytest.mark.parametrize(("name", "about", "policy", "rule", "saw"), BLOCKS, ids=[row[0] for row in BLOCKS])
def test_flawed_provenance_blocks_by_name_with_a_cure(name: str, about: Facts, policy: str, rule: str, saw: str) -> None:
    state, found = judged(about, policy)
    assert state == "blocked"
    assert found[rule].outcome == "block"
    assert saw in found[rule].saw
    assert found[rule].wanted
    assert found[rule].cure


ATTESTING = [row[:4] for row in BLOCKS if row[3].endswith(("uncovered", "drifted", "unknown", "signature", "unsigned"))]


@pytest.mark.parametrize(("name", "about", "policy", "rule"), ATTESTING, ids=[row[0] for row in ATTESTING])
def test_what_an_author_cures_by_attesting_names_the_command(name: str, about: Facts, policy: str, rule: str) -> None:
    cure = judged(about, policy)[1][rule].cure
    assert (SIGN if "sign" in name else EMIT) in cure


FINE: list[tuple[str, Facts, str]] = [
    ("as it should be", facts(), ""),
    ("signed by a key", facts(documents=(document(LOW, attested="organisation-key", signer="key 12ab"),)), SIGNED),
    ("signed keyless", facts(documents=(document(LOW, attested="keyless", signer="ci"),)), SIGNED),
    ("an allowed model", facts(), "provenance: {models: [anthropic/claude-*@4.*]}"),
    (
        "an allowed licence",
        facts(documents=(document(LOW, retrievals=(Retrieval("d", "sha256:0", "GPL-3.0-only OR MIT"),)),)),
        "provenance: {licenses: [MIT]}",
    ),
    ("a removed file without cover", facts(files=(changed(LOW), changed("gone.py", status="removed", blob=None))), ""),
]


@pytest.mark.parametrize(("name", "about", "policy"), FINE, ids=[row[0] for row in FINE])
def test_sound_provenance_passes(name: str, about: Facts, policy: str) -> None:
    state, found = judged(about, policy)
    assert found["provenance"].outcome == "pass"
    assert state in ("allowed", "waiting")


def test_where_the_policy_asks_for_none_a_missing_document_is_fine_but_a_bad_one_is_not() -> None:
    lax = "provenance: {required: false}"
    assert judged(facts(documents=()), lax)[1]["provenance"].outcome == "skip"
    assert judged(facts(documents=(REFUSED,)), lax)[0] == "blocked"


def test_documents_and_reports_need_no_provenance_themselves() -> None:
    about = facts(files=(changed(LOW), changed(".llmgate/provenance/1.json"), changed(".llmgate/evidence/junit.xml")))
    assert judged(about)[1]["provenance"].outcome == "pass"


def test_a_long_list_of_files_is_cut_and_counted() -> None:
    paths = [f"src/f{number:03}.py" for number in range(200)]
    _, found = judged(facts(*paths, documents=(document("other.py"),), commits=(commit(),)))
    assert "200 without" in found["provenance.uncovered"].saw
    assert "and 195 more" in found["provenance.uncovered"].saw
    assert len(found["provenance.uncovered"].saw) < 300


@pytest.mark.parametrize("field", ["model_name", "prompt_hash", "descriptor"])
def test_no_finding_quotes_more_of_a_document_than_its_model_and_sources(field: str) -> None:
    changes: dict[str, Any] = {field: "hunter2-secret"}
    _, found = judged(facts(documents=(document(LOW, **changes),)))
    quoted = " ".join(one.saw + one.wanted + one.cure for one in found.values())
    assert ("hunter2-secret" in quoted) is (field == "model_name")


def test_a_digest_in_any_document_that_matches_covers_the_file() -> None:
    stale = document(LOW, files_generated=(GeneratedFile(LOW, ("gitblob:" + "9" * 40,)),), path=".llmgate/provenance/0.json")
    assert judged(facts(documents=(stale, document(LOW))))[0] == "allowed"
