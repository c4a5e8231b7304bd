"""Signs that a change works on its own evidence."""

from __future__ import annotations

import pytest

from bot.core.evidence.hostile import Suspicion, suspicions
from bot.core.facts import ChangedFile
from tests.core.evidence.builders import edited, new_file

SETTINGS = {
    "test-config": [
        "conftest.py", "tests/unit/conftest.py", "pytest.ini", "pyproject.toml", "services/api/pyproject.toml",
        "setup.cfg", "tox.ini", "jest.config.js", "sitecustomize.py", "package.json", "evil.pth", "PyProject.TOML",
    ],
    "ci-config": [
        ".github/workflows/ci.yml", ".github/actions/a/action.yml", ".gitlab-ci.yml", "Jenkinsfile", ".ci/run",
    ],
    "coverage-config": [
        ".coveragerc", "codecov.yml", ".nycrc.json",
    ],
    "mutation-config": [
        "stryker.conf.json", "stryker.config.mjs", "mutmut_config.py", ".cargo/mutants.toml",
    ],
    "scan-config": [
        ".bandit", ".semgrepignore", ".secrets.baseline", "eslint.config.js",
    ],
}  # fmt: skip

SILENCERS = {
    "scan-suppressed": [
        "eval(x)  # nosec", "eval(x)  #nosec B307", "run() //#nosec G204", "eval(x)  # nosemgrep: rule",
        "k = 'a'  # pragma: allowlist secret", "k = 'a'  # gitleaks:allow", "x(); // NOSONAR",
        "x = 1  # codeql[py/weak-crypto]", "# checkov:skip=CKV_1", "# trivy:ignore:AVD-1",
    ],
    "coverage-suppressed": [
        "def f():  # pragma: no cover", "def f():  # PRAGMA:NO COVER", "if x:  #pragma  no   branch",
        "/* istanbul ignore next */", "/* c8 ignore start */", "// LCOV_EXCL_START", "[ExcludeFromCodeCoverage]",
    ],
    "mutation-suppressed": [
        "x = 1  # pragma: no mutate", "// Stryker disable all", "#[mutants::skip]",
    ],
    "test-skipped": [
        "    pytest.skip('later')", "@pytest.mark.xfail", "@mark.skipif(True)", "collect_ignore = ['test_a.py']",
        "@unittest.skip('x')", "self.skipTest('x')", "__test__ = False", "it.skip('a', f)", "describe.only('a', f)",
        "xit('a', f)", "fdescribe('a', f)", "t.Skip()", "@Disabled", "@Ignore", "#[ignore]", '[Fact(Skip = "x")]',
        "os._exit(0)",
    ],
    "lint-suppressed": [
        "import a  # noqa: F401", "# ruff: noqa", "# flake8: noqa", "x = y  # type: ignore[arg]",
        "# pylint: disable=all", "/* eslint-disable */", "// @ts-ignore", "// @ts-nocheck", "x(); // NOLINT",
        "x() //nolint:errcheck", '@SuppressWarnings("all")', "#![allow(unused)]", "# rubocop:disable all",
        "// phpcs:ignore", "// biome-ignore lint: x",
    ],
}  # fmt: skip


def flat(grouped: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(seen, name) for name, listed in grouped.items() for seen in listed]


def names(path: str, text: str = "x") -> set[str]:
    return {found.name for found in suspicions([new_file(path, text)])}


@pytest.mark.parametrize(("path", "name"), flat(SETTINGS))
def test_settings_of_the_evidence_are_suspicious_by_their_path(path: str, name: str) -> None:
    assert name in names(path)


@pytest.mark.parametrize("path", ["src/a.py", "docs/conftest.md", "myconftest.py", "src/ci.yml", "notcodecov.yml.txt"])
def test_ordinary_files_are_not(path: str) -> None:
    assert suspicions([new_file(path)]) == ()


def test_settings_renamed_away_or_removed_are_suspicious_too() -> None:
    renamed = ChangedFile("old/conftest.py.txt", "renamed", 0, 0, previous_path="tests/conftest.py")
    removed = ChangedFile("conftest.py", "removed", 0, 3)
    assert {found.path for found in suspicions([renamed, removed])} == {"old/conftest.py.txt", "conftest.py"}


@pytest.mark.parametrize(("line", "name"), flat(SILENCERS))
def test_a_comment_that_silences_a_tool_is_suspicious(line: str, name: str) -> None:
    found = suspicions([new_file("src/a.py", f"a = 1\n{line}\nb = 2")])
    assert [(each.name, each.path, each.line) for each in found] == [(name, "src/a.py", 2)]


@pytest.mark.parametrize(
    "line",
    ["x = skip(2)", "only = todo", "ignore_case = True", "disable()", "# a second note", "parse_pragma(cover)", "profit(3)",
     "exit(0)", "# the noquant rule", "submit.skipped", "it.skipper()", "unittest.main()", "disabled = True"],
)  # fmt: skip
def test_ordinary_code_is_not(line: str) -> None:
    assert suspicions([new_file("src/a.py", line)]) == ()


def test_only_added_lines_are_searched() -> None:
    assert suspicions([edited(patch="@@ -1,2 +1,2 @@\n a()  # nosec\n-b()  # nosec\n+b()")]) == ()


def test_a_mention_in_prose_is_no_suppression() -> None:
    assert suspicions([new_file("docs/guide.md", "Never write `# nosec`.")]) == ()


def test_signs_are_in_order_and_show_the_marker_not_the_line() -> None:
    found = suspicions([new_file("b.py", "x = 'hunter2'  # nosec"), new_file("a.py", "y = 1\nz = 2  # noqa")])
    assert found == (Suspicion("lint-suppressed", "a.py", 2, "noqa"), Suspicion("scan-suppressed", "b.py", 1, "nosec"))


def test_a_change_without_patches_has_no_signs_in_lines() -> None:
    assert suspicions([edited(patch=None)]) == ()
