"""Tiers: what raises one, that nothing lowers one, and that each has its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval import TIERS, Tier
from bot.core.detection.detect import detect
from bot.core.evidence.model import Evidence, RefusedReport, ScanReport, ScanResult
from bot.core.facts import ChangedFile, Facts, Gap
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.core.provenance.model import Refusal, Retrieval
from bot.core.risk import assess
from bot.core.verdict import TierReason
from tests.core.build import LOW, POLICY_TEXT, changed, commit, document, facts


def assessed(about: Facts) -> tuple[Tier, tuple[TierReason, ...]]:
    return assess(about, detect(about.change, about.commits, about.files, about.documents, about.seen_before))


def with_patch(line: str) -> ChangedFile:
    return changed(LOW, patch=f"@@ -0,0 +1,1 @@\n+{line}", additions=1)


PATHS: list[tuple[str, Tier]] = [
    (LOW, "low"),
    ("README.md", "low"),
    ("src/author/list.py", "low"),
    ("src/keyboard.py", "low"),
    ("src/auth/x.py", "high"),
    ("Source/Auth/Login.cs", "high"),
    ("app/models/user_auth.rb", "high"),
    ("src/billing/invoice.ts", "high"),
    ("lib/crypto/aes.c", "high"),
    ("config/.env.production", "high"),
    ("shop/migrations/0003_x.py", "high"),
    ("db/schema.sql", "high"),
    (".github/workflows/ci.yml", "high"),
    (".gitlab-ci.yml", "high"),
    ("services/a/Dockerfile", "high"),
    ("infra/main.tf", "high"),
    (".llmgate/policy.yaml", "high"),
    (".LLMGATE/policy.yaml", "high"),
    (".github/CODEOWNERS", "high"),
    (".gitattributes", "high"),
    ("go.mod", "medium"),
    ("web/package-lock.json", "medium"),
    ("AGENTS.md", "medium"),
    ("tests/conftest.py", "medium"),
    (".coveragerc", "medium"),
]


@pytest.mark.parametrize(("path", "tier"), PATHS)
def test_territory_decides_the_tier_and_is_named(path: str, tier: Tier) -> None:
    found, reasons = assessed(facts(path))
    assert found == tier
    assert tier == "low" or any(reason.tier == tier and path in reason.saw for reason in reasons)


def test_a_file_renamed_out_of_dangerous_territory_still_counts() -> None:
    moved = changed("src/shop/x.py", status="renamed", previous_path="src/auth/x.py")
    assert assessed(facts(files=(moved,)))[0] == "high"


def test_documents_about_the_code_do_not_raise_it() -> None:
    about = facts(files=(changed(LOW), changed(".llmgate/provenance/1.json"), changed(".llmgate/evidence/junit.xml")))
    assert assessed(about)[0] == "low"


def test_no_policy_can_switch_off_the_guard_of_the_policy_itself() -> None:
    text = POLICY_TEXT + "risk: {ci: {tier: low, paths: [x]}}\n"
    about = facts(".llmgate/policy.yaml", policy=join(None, parse_policy(text, "p"), "p"))
    assert assessed(about)[0] == "high"


DOUBT: list[tuple[str, Facts, Tier, str]] = [
    ("a gap", facts(gaps=(Gap("files", "3000 files", "all"),)), "high", "files could not be read whole: 3000 files"),
    ("a broken policy", facts(policy=join(None, parse_policy("x", "p"), "p")), "high", "the policy cannot be read"),
    ("no document", facts(documents=()), "medium", "without any provenance document"),
    ("a refused document", facts(documents=(document(LOW), document(refusal=Refusal("a", "b", "c")))), "medium", "1.json"),
    ("a bad signature", facts(documents=(document(LOW, attested="invalid"),)), "medium", "1.json"),
    ("an agent without a name", facts(commits=(commit("x\n\nAssisted-by: AI"),), documents=()), "medium", "provenance"),
    ("a signed-off agent", facts(commits=(commit("x\n\nSigned-off-by: Claude <noreply@anthropic.com>"),)), "high", "Claude"),
    (
        "an unstated licence",
        facts(documents=(document(LOW, retrievals=(Retrieval("d", "sha256:0", ""),)),)),
        "medium",
        "no stated licence",
    ),
    ("a report that lies", facts(evidence=Evidence(refused=(RefusedReport("x", "y", Refusal("a", "b", "c")),))), "medium", "1"),
    (
        "a scan's error",
        facts(evidence=Evidence(scans=(ScanReport("s", "bandit", "1", (ScanResult("B602", "error", LOW, 1, "m"),)),))),
        "medium",
        "B602",
    ),
    ("a skipped test", facts(files=(with_patch("@pytest.mark.skip"),)), "medium", LOW),
    ("a silenced scanner", facts(files=(with_patch("eval(x)  # nosec"),)), "medium", "nosec"),
    ("lines left out of coverage", facts(files=(with_patch("x = 1  # pragma: no cover"),)), "medium", "line 1"),
    ("a silenced linter", facts(files=(with_patch("x = 1  # noqa"),)), "low", "noqa"),
    ("a large change", facts(files=(changed(LOW, 401),)), "medium", "401 changed lines, more than 400"),
    ("many files", facts(*(f"f{n}.py" for n in range(31))), "medium", "31 changed files, more than 30"),
]


@pytest.mark.parametrize(("name", "about", "tier", "saw"), DOUBT, ids=[row[0] for row in DOUBT])
def test_doubt_raises_the_tier_and_says_what_was_seen(name: str, about: Facts, tier: Tier, saw: str) -> None:
    found, reasons = assessed(about)
    assert found == tier
    assert any(reason.tier == tier and saw in reason.saw for reason in reasons), reasons


def test_a_model_off_the_list_is_high() -> None:
    about = facts(policy=join(None, parse_policy(POLICY_TEXT + "provenance: {models: [openai/*]}", "p"), "p"))
    assert assessed(about)[0] == "high"


def test_a_change_treated_as_generated_without_any_mark_has_an_unknown_agent() -> None:
    policy = join(None, parse_policy(POLICY_TEXT + "undeclared: as-generated", "p"), "p")
    reasons = assessed(facts(commits=(commit("x"),), documents=(), policy=policy))[1]
    assert any(reason.rule == "agent-unknown" for reason in reasons)


def test_reasons_are_told_highest_first_and_the_highest_counts() -> None:
    tier, reasons = assessed(facts("go.mod", "src/auth/x.py"))
    ranks = [TIERS.index(reason.tier) for reason in reasons]
    assert ranks == sorted(ranks, reverse=True)
    assert tier == reasons[0].tier == "high"


def test_a_reason_with_many_files_names_three_and_counts_the_rest() -> None:
    _, reasons = assessed(facts(*(f"src/auth/f{n}.py" for n in range(20))))
    reason = next(one for one in reasons if one.rule == "authentication")
    assert "and 17 more" in reason.saw


MORE = st.sampled_from(
    [
        {"gaps": (Gap("patch", "a", "b"),)},
        {"documents": ()},
        {"files": (changed(LOW), changed("src/auth/x.py"))},
        {"files": (changed(LOW), changed("go.mod"))},
        {"labels": True},
    ]
)


@given(MORE, MORE)
def test_adding_to_a_change_never_lowers_its_tier(first: dict[str, Any], second: dict[str, Any]) -> None:
    plain = facts()
    one = replace(plain, **{key: value for key, value in first.items() if key != "labels"})
    files = {*one.files, *second.get("files", ())}
    more = {key: value for key, value in second.items() if key in ("gaps", "documents")}
    both = replace(one, files=tuple(sorted(files, key=lambda file: file.path)), **more)
    assert TIERS.index(assessed(both)[0]) >= TIERS.index(assessed(one)[0]) >= TIERS.index(assessed(plain)[0])
