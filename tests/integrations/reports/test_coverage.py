"""Coverage reports: lines and branches as recorded, whatever the summary says."""

from __future__ import annotations

import pytest

from bot.core.evidence.measure import measure
from bot.core.evidence.model import FileCoverage
from bot.core.evidence.names import BRANCH_COVERAGE, LINE_COVERAGE
from bot.core.facts import ChangedFile
from tests.integrations.reports.reading import Json, read, read_json, refusal, sample


def coverage_py(file: Json, meta: dict[str, Json] | None = None) -> dict[str, Json]:
    usual: dict[str, Json] = {"format": 3, "version": "7.17.3", "branch_coverage": True}
    return {"meta": usual | (meta or {}), "files": {"a.py": file}}


def cobertura(lines: str, filename: str = "a.py", sources: str = "") -> str:
    classes = f"<classes><class filename='{filename}'><lines>{lines}</lines></class></classes>"
    return f"<coverage line-rate='1'><sources>{sources}</sources><packages><package>{classes}</package></packages></coverage>"


def test_coverage_py_is_read_from_its_files() -> None:
    (report,) = sample("coverage.json").coverage
    assert report.engine == "coverage.py 7.17.3"
    assert report.has_branches
    assert report.files[1] == FileCoverage(
        path="src/shop/basket.py",
        executed=(3, 6, 7, 8, 9, 10, 12, 15),
        missing=(11, 16),
        executed_branches=((7, 8), (7, 9), (10, 12)),
        missing_branches=((10, 11),),
        excluded=(19, 20, 21),
    )


def test_cobertura_of_the_same_run_says_the_same() -> None:
    (report,) = sample("cobertura.xml").coverage
    file = report.files[1]
    assert report.engine == "cobertura 7.17.3"
    assert (file.path, file.missing, len(file.executed)) == ("/build/shop/src/shop/basket.py", (11, 16), 8)
    assert (len(file.executed_branches), len(file.missing_branches)) == (3, 1)


@pytest.mark.parametrize("name", ["coverage.json", "cobertura.xml"])
def test_a_change_is_measured_against_either(name: str) -> None:
    patch = "@@ -8,0 +9,4 @@\n+    amount = sum(prices)\n+    if discount:\n+        amount -= amount\n+    return amount"
    found = {
        figure.name: figure
        for figure in measure(sample(name), [ChangedFile("src/shop/basket.py", "modified", 4, 0, patch=patch)])
    }
    assert (found[LINE_COVERAGE].hit, found[LINE_COVERAGE].total) == (3, 4)
    assert (found[BRANCH_COVERAGE].hit, found[BRANCH_COVERAGE].total) == (1, 2)


def test_cobertura_with_its_doctype_is_read_and_its_rates_are_not() -> None:
    (report,) = sample("cobertura-doctype.xml").coverage
    (file,) = report.files
    assert file.path == "com/acme/shop/Basket.java"
    assert (file.executed, file.missing) == ((7, 20), (8,))
    assert (len(file.executed_branches), len(file.missing_branches)) == (3, 1)


@pytest.mark.parametrize(
    ("sources", "filename", "path"),
    [
        ("<source>src</source>", "a.py", "src/a.py"),
        ("<source>/ci/src/</source>", "a.py", "/ci/src/a.py"),
        ("<source>.</source>", "a.py", "a.py"),
        ("<source>src</source>", "/ci/a.py", "/ci/a.py"),
        ("<source>src</source>", "C:\\ci\\a.cs", "C:\\ci\\a.cs"),
        ("<source>src</source><source>lib</source>", "a.py", "a.py"),
    ],
)
def test_file_names_are_relative_to_the_one_source(sources: str, filename: str, path: str) -> None:
    (report,) = read(cobertura("<line number='1' hits='1'/>", filename, sources)).coverage
    assert report.files[0].path == path


def test_a_line_recorded_twice_has_run_where_either_ran_and_its_fewest_conditions_count() -> None:
    lines = (
        "<line number='1' hits='0' condition-coverage='50% (1/2)'/><line number='1' hits='2' condition-coverage='100% (2/2)'/>"
    )
    (report,) = read(cobertura(lines)).coverage
    assert report.files[0].executed == (1,)
    assert report.files[0].executed_branches == ((1, 0),)
    assert report.files[0].missing_branches == ((1, 1),)


@pytest.mark.parametrize(
    "line", ["<line hits='1'/>", "<line number='1'/>", "<line number='x' hits='1'/>", "<line number='-1' hits='1'/>",
             "<line number='99999999999' hits='1'/>", "<line number='1' hits='NaN'/>", "<line number='1' hits='٣'/>",
             "<line number='1' hits='1' condition-coverage='200% (4/2)'/>",
             "<line number='1' hits='1' condition-coverage='0% (0/999999)'/>"],
)  # fmt: skip
def test_a_cobertura_line_of_another_shape_is_refused(line: str) -> None:
    assert "line" in refusal(cobertura(line)).saw


def test_a_class_without_a_file_is_refused() -> None:
    assert refusal(cobertura("", filename="")).saw == "a `class` without `filename`"


def test_millions_of_conditions_are_refused() -> None:
    lines = "".join(f"<line number='{number}' hits='1' condition-coverage='0% (0/256)'/>" for number in range(1, 1300))
    assert "conditions" in refusal(cobertura(lines)).saw


@pytest.mark.parametrize("version", [1, 2, 4])
def test_other_formats_of_coverage_py_are_refused_by_number(version: int) -> None:
    assert refusal(coverage_py({}, {"format": version})).saw == f"coverage.py's JSON format {version}"


@pytest.mark.parametrize(
    "file",
    [
        {"executed_lines": ["1"]},
        {"executed_lines": [0]},
        {"executed_lines": [-3]},
        {"executed_lines": [1.5]},
        {"executed_lines": [True]},
        {"executed_lines": [10**12]},
        {"executed_lines": {"1": 1}},
        {"executed_lines": 1},
        {"executed_lines": [1], "missing_lines": [1]},
        {"executed_branches": [[1]]},
        {"executed_branches": [1]},
        {"executed_branches": [[1, 2, 3]]},
        [],
        "a",
        None,
    ],
)
def test_a_coverage_py_file_of_another_shape_is_refused_at_its_place(file: Json) -> None:
    assert "report.files[a.py]" in refusal(coverage_py(file)).saw


def test_totals_of_coverage_py_are_not_believed() -> None:
    lying = coverage_py({"executed_lines": [1], "missing_lines": [2, 3], "summary": {"percent_covered": 100.0}})
    (report,) = read_json(lying | {"totals": {"percent_covered": 100.0}}).coverage
    assert len(report.files[0].missing) == 2


def test_a_report_without_branches_says_so() -> None:
    assert not read_json(coverage_py({}, {"branch_coverage": False})).coverage[0].has_branches
    assert not read(cobertura("<line number='1' hits='1'/>")).coverage[0].has_branches
