"""Signs that a change works on its own evidence: settings of tests, CI, coverage or mutation, and comments that silence a tool.

A sign is no proof of anything; it raises the tier so that a person looks. Each has a name, a place and the marker seen there,
never the line it stood on. Test settings are known by their path: whether `pyproject.toml` changed its test section cannot be
told from hunks alone, so any change to it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.core.evidence.kinds import is_prose, name
from bot.core.facts import ChangedFile
from bot.core.patch import patch_lines

SuspicionName = Literal[
    "test-config", "ci-config", "coverage-config", "mutation-config", "scan-config",
    "test-skipped", "scan-suppressed", "coverage-suppressed", "mutation-suppressed", "lint-suppressed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One sign. `line` is 0 for a whole file; `saw` is the marker or the file's kind, in our words."""

    name: SuspicionName
    path: str
    line: int
    saw: str


_CONFIGS: tuple[tuple[SuspicionName, str, str], ...] = (
    ("test-config", "settings that tests run under",
     r"(.*/)?(conftest\.py|pytest\.ini|\.?pytest\.toml|tox\.ini|tox\.toml|noxfile\.py|setup\.cfg|pyproject\.toml|package\.json"
     r"|sitecustomize\.py|usercustomize\.py|[^/]+\.pth|(jest|vitest|vite|karma|playwright|cypress)\.(config|conf|setup)\.[a-z]+"
     r"|vitest\.workspace\.[a-z]+|\.mocharc(\.[a-z]+)?|phpunit\.xml(\.dist)?|\.rspec|spec_helper\.rb|nextest\.toml|pom\.xml"
     r"|build\.gradle(\.kts)?|junit-platform\.properties|testng\.xml|[^/]+\.runsettings|cargo\.toml|makefile|justfile)"),
    ("ci-config", "a CI pipeline",
     r"\.github/(workflows|actions)/.*|(.*/)?action\.ya?ml|(.*/)?\.gitlab-ci[^/]*\.ya?ml|\.gitlab/.*|\.circleci/.*|\.buildkite/.*"
     r"|(.*/)?jenkinsfile[^/]*|(.*/)?azure-pipelines[^/]*\.ya?ml|bitbucket-pipelines\.yml|\.drone\.ya?ml|\.travis\.ya?ml|\.ci/.*"
     r"|\.woodpecker(/.*|\.ya?ml)|(.*/)?appveyor\.yml|\.forgejo/.*|\.gitea/.*|\.pre-commit-config\.yaml"),
    ("coverage-config", "settings of coverage",
     r"(.*/)?(\.coveragerc|\.?codecov\.ya?ml|\.coveralls\.yml|\.nycrc(\.[a-z]+)?|\.c8rc(\.[a-z]+)?|nyc\.config\.[a-z]+|\.lcovrc"
     r"|gcovr\.cfg|\.simplecov|tarpaulin\.toml|coverlet\.[a-z.]+)"),
    ("mutation-config", "settings of mutation testing",
     r"(.*/)?(mutmut_config\.py|\.?cosmic-ray[^/]*\.toml|\.?stryker[^/]*\.(conf|config)\.[a-z]+|stryker-config\.[a-z]+"
     r"|(\.cargo/)?mutants\.toml|infection\.json[^/]*|\.mutant\.yml)"),
    ("scan-config", "settings of a scanner",
     r"(.*/)?(\.bandit|\.semgrepignore|\.semgrep(/.*|\.ya?ml)|\.gitleaks\.toml|\.gitleaksignore|\.secrets\.baseline|\.trivyignore"
     r"|\.checkov\.ya?ml|\.snyk|\.eslintrc(\.[a-z]+)?|\.eslintignore|eslint\.config\.[a-z]+|\.?ruff\.toml|\.pylintrc|\.flake8"
     r"|mypy\.ini|\.clang-tidy|\.rubocop\.yml|\.golangci\.[a-z]+|sonar-project\.properties|codeql-config\.yml)"),
)  # fmt: skip

_MARKERS: tuple[tuple[SuspicionName, str, str], ...] = (
    ("scan-suppressed", "nosec", r"(?i)(?:#|//|/\*)\s*#?nosec\b"),
    ("scan-suppressed", "nosemgrep", r"(?i)\bnosem(?:grep)?\b"),
    ("scan-suppressed", "allowlist secret", r"(?i)pragma:?\s*(?:allow|white)list\s+(?:nextline\s+)?secret"),
    ("scan-suppressed", "gitleaks:allow", r"gitleaks:allow|trufflehog:ignore"),
    ("scan-suppressed", "NOSONAR", r"\bNOSONAR\b"),
    ("scan-suppressed", "codeql or lgtm suppression", r"(?i)(?:#|//|/\*) ?(?:codeql|lgtm) ?\["),
    ("scan-suppressed", "checkov, tfsec or trivy skip", r"checkov:skip|tfsec:ignore|trivy:ignore"),
    ("coverage-suppressed", "no cover", r"(?i)pragma[:\s]?\s*no\s*(?:cover|branch)"),
    ("coverage-suppressed", "istanbul, c8 or v8 ignore", r"(?:istanbul|c8|v8) ignore"),
    ("coverage-suppressed", "LCOV or GCOV exclusion", r"\b(?:LCOV|GCOVR?)_EXCL"),
    ("coverage-suppressed", "excluded from coverage", r"FromCodeCoverage|@codeCoverageIgnore|coverage\(off\)|:nocov:"),
    ("mutation-suppressed", "no mutate", r"(?i)pragma[:\s]?\s*no\s*mutate"),
    ("mutation-suppressed", "Stryker disable", r"(?i)stryker disable"),
    ("mutation-suppressed", "mutants::skip", r"mutants::skip|DoNotMutate|@infection-ignore-all"),
    ("test-skipped", "pytest skip or xfail",
     r"\b(?:pytest|mark)\.(?:skip|skipif|xfail|importorskip|exit)\b|\bcollect_ignore|\b__test__ ?= ?False"),
    ("test-skipped", "unittest skip", r"\bunittest\.(?:skip\w*|expectedFailure|SkipTest)\b|\bself\.skipTest\("),
    ("test-skipped", "a skipped or exclusive test",
     r"\b(?:it|test|describe|context|suite)\.(?:skip|only|todo|fixme|failing)\b|\bx(?:it|describe|test)\(|\bf(?:it|describe)\("),
    ("test-skipped", "t.Skip", r"\bt\.Skip(?:f|Now)?\("),
    ("test-skipped", "a disabled test", r"@(?:Disabled|Ignore)\b|#\[ignore\b|\[(?:Fact|Theory)\(Skip|\[Ignore\b"),
    ("test-skipped", "an early exit", r"\bos\._exit\("),
    ("lint-suppressed", "noqa", r"(?i)#\s*(?:ruff:\s*|flake8[:=]\s*)?noqa\b"),
    ("lint-suppressed", "type: ignore", r"#\s*(?:type|pyright|ty|mypy):\s*ignore"),
    ("lint-suppressed", "pylint off", r"pylint:\s*(?:disable|skip-file)"),
    ("lint-suppressed", "eslint-disable", r"(?:eslint|tslint|oxlint|stylelint)[-:]disable|biome-ignore"),
    ("lint-suppressed", "@ts-ignore", r"@ts-(?:ignore|nocheck|expect-error)"),
    ("lint-suppressed", "NOLINT", r"\bNOLINT|//\s?nolint\b|#nolint\b"),
    ("lint-suppressed", "SuppressWarnings", r"@Suppress(?:Warnings)?\(|#pragma warning disable|#!?\[(?:allow|expect)\("),
    ("lint-suppressed", "rubocop off", r"rubocop:(?:disable|todo)"),
    ("lint-suppressed", "a PHP checker off", r"phpcs:(?:ignore|disable)|@phpstan-ignore|@psalm-suppress"),
)  # fmt: skip
_HINTS = (
    "nosec", "nosem", "pragma", "gitleaks", "trufflehog", "nosonar", "codeql", "lgtm", "checkov", "tfsec", "trivy",
    "ignore", "_excl", "codecoverage", "coverage(off)", ":nocov:", "stryker", "mutants::", "donotmutate", "pytest.",
    "__test__", "skip", "unittest.", ".only", ".todo", ".fixme", ".failing", "xit(", "xtest(", "xdescribe(", "fit(",
    "fdescribe(", "@disabled", "os._exit", "noqa", "disable", "@ts-", "nolint", "@suppress", "[allow(", "[expect(",
    "rubocop", "phpcs", "@phpstan", "@psalm", "collect_ignore", "mark.",
)  # fmt: skip
"""Lower-case words of which every marker contains one: most files have none, and are passed over quickly."""
_LONGEST_LINE = 4096
"""How far a line is searched: a longer one was not written by hand."""


def suspicions(files: Sequence[ChangedFile]) -> tuple[Suspicion, ...]:
    """Every sign in the files of a change, in order of path and line. Removed and renamed settings count as changed ones."""
    found = {suspicion for file in files for suspicion in (*_settings(file), *_silencing(file))}
    return tuple(sorted(found, key=lambda suspicion: (suspicion.path, suspicion.line, suspicion.name, suspicion.saw)))


def _settings(file: ChangedFile) -> Iterator[Suspicion]:
    paths = {file.path, file.previous_path or file.path}
    for kind, saw, pattern in _CONFIGS:
        if any(re.fullmatch(pattern, path, re.IGNORECASE) for path in paths):
            yield Suspicion(kind, file.path, 0, f"{saw}: {name(file.path)}")


def _silencing(file: ChangedFile) -> Iterator[Suspicion]:
    if not file.patch or is_prose(file.path):
        return
    whole = file.patch.lower()
    hints = [hint for hint in _HINTS if hint in whole]
    for line in patch_lines(file.patch) if hints else ():
        text = line.text[:_LONGEST_LINE]
        if line.kind == "added" and any(hint in text.lower() for hint in hints):
            for kind, saw, pattern in _MARKERS:
                if re.search(pattern, text):
                    yield Suspicion(kind, file.path, line.number, saw)
