"""Hostile bytes: bombs, depth, size, lies about the format. Each is refused by name, and sound ones beside are still read."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.evidence.model import Evidence, RawReport
from integrations.reports.intake import MAX_BYTES, MAX_ELEMENTS, clean, read_xml, whole_number
from integrations.reports.read import MAX_REPORTS, ReportFiles
from tests.integrations.reports.reading import SAMPLES, Json, outcomes, read, refusal

SUITE = "<testsuite name='s'><testcase name='t'/></testsuite>"
NESTED = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
BOMB = f"<!DOCTYPE testsuite [<!ENTITY l0 'ha'>{NESTED}]><testsuite><testcase name='&l9;'/></testsuite>"
FILE_ENTITY = (
    "<!DOCTYPE testsuite [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><testsuite><testcase name='t'>&f;</testcase></testsuite>"
)
DEFAULTS = (
    "<!DOCTYPE coverage [<!ATTLIST line hits CDATA '1'>]><coverage line-rate='1'><packages><package><classes>"
    "<class filename='a'><lines><line number='1'/></lines></class></classes></package></packages></coverage>"
)


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        FILE_ENTITY,
        BOMB.replace("testsuite", "coverage"),
        FILE_ENTITY.replace("testsuite", "coverage"),
        DEFAULTS,
        "<!DOCTYPE coverage [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x'> %p;]><coverage line-rate='1'/>",
        "<!DOCTYPE testsuite [<!ELEMENT testsuite ANY>]><testsuite/>",
    ],
)
def test_declarations_inside_a_report_are_refused(content: str) -> None:
    assert refusal(content).saw == "XML that declares entities or a DTD of its own"


def test_junit_with_a_doctype_is_refused_and_cobertura_with_one_is_not() -> None:
    assert refusal(f"<!DOCTYPE testsuite SYSTEM 'http://127.0.0.1:9/x'>{SUITE}").saw == "JUnit XML with a DOCTYPE"
    evidence = read("<!DOCTYPE coverage SYSTEM 'http://127.0.0.1:9/x'><coverage line-rate='1'/>")
    assert len(evidence.coverage) == 1


def test_an_undeclared_entity_is_refused() -> None:
    assert refusal("<testsuite><testcase name='t'>&nope;</testcase></testsuite>").saw.startswith("XML that breaks at line 1")


def test_a_report_past_the_limit_of_bytes_is_refused_before_it_is_parsed() -> None:
    huge = b"<testsuite>" + b" " * MAX_BYTES
    assert refusal(huge).saw == f"{len(huge):,} bytes"
    assert refusal(b"{" + b" " * MAX_BYTES).saw == f"{MAX_BYTES + 1:,} bytes"


def test_a_long_text_inside_an_element_is_passed_over() -> None:
    told = f"<system-out>{'x' * 3_000_000}</system-out><failure>{'y' * 9000}</failure>"
    evidence = read(f"<testsuite><testcase name='t'>{told}</testcase></testsuite>")
    (case,) = evidence.suites[0].cases
    assert case.outcome == "failed"
    assert len(case.detail) <= 300


def test_too_many_elements_are_refused() -> None:
    assert refusal("<testsuite>" + "<a/>" * MAX_ELEMENTS + "</testsuite>").saw == f"more than {MAX_ELEMENTS:,} elements"


def test_too_many_attributes_are_refused() -> None:
    attributes = " ".join(f"a{number}='1'" for number in range(99))
    assert refusal(f"<testsuite {attributes}/>").saw == "an element of 99 attributes"


@pytest.mark.parametrize("depth", [65, 5_000, 100_000])
def test_deep_xml_is_refused(depth: int) -> None:
    assert refusal("<testsuite>" * depth + "</testsuite>" * depth).saw == "elements nested deeper than 64"


@pytest.mark.parametrize("depth", [65, 5_000, 100_000])
def test_deep_json_is_refused(depth: int) -> None:
    assert refusal('{"results": ' + "[" * depth + "]" * depth + "}").saw == "nesting deeper than 64"


def test_more_json_than_is_read_is_refused() -> None:
    assert refusal('{"results": [' + "0," * 2_100_000 + "0]}").saw.startswith("about 2,100,0")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_are_not_finite_are_refused(number: str) -> None:
    assert (
        refusal('{"results": {"tests": [{"name": "t", "status": "passed", "retries": ' + number + "}]}}").saw
        == "a number that is not finite"
    )


def test_a_key_written_twice_is_refused() -> None:
    assert (
        refusal('{"results": {"tests": [{"name": "t", "status": "failed", "status": "passed"}]}}').saw
        == "an object that names one key twice"
    )


@pytest.mark.parametrize(
    ("content", "saw"),
    [
        (b"", "an empty file"),
        (b" \n\t ", "an empty file"),
        (b"TN:\nSF:a.c\nend_of_record", "a syntax error at line 1, column 1"),
        (b"\x00\x01\x02", "a syntax error at line 1, column 1"),
        (b"[]", "JSON that is no object"),
        (b"{}", "JSON of a format that is not known"),
        (b'{"results": []}', "JSON of a format that is not known"),
        (b"<report name='jacoco'/>", "XML whose root is `report`"),
        (b"<coverage generated='1'/>", "XML whose root is `coverage`"),
        (b"<html></html>", "XML whose root is `html`"),
        (b"<testsuite>", "XML that breaks at line 1, column 11"),
        (b"<?xml version='1.0' encoding='no-such'?><testsuite/>", "XML in an encoding that cannot be read"),
        (b"<testsuite>\xff</testsuite>", "XML that breaks at line 1, column 11"),
    ],
)
def test_what_is_no_report_is_refused_with_what_was_seen(content: bytes, saw: str) -> None:
    assert refusal(content).saw == saw


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_xml_in_a_known_encoding_is_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    content = f"<?xml version='1.0' encoding='{declared}'?><testsuite><testcase name='grün'/></testsuite>".encode(encoding)
    assert outcomes(read(content)) == {"grün": "passed"}


def test_the_format_is_told_by_content_not_by_name() -> None:
    assert read(SUITE, "coverage.json").suites
    assert read((SAMPLES / "coverage.json").read_bytes(), "junit.xml").coverage


def test_one_bad_report_does_not_hide_the_others_and_each_has_its_digest() -> None:
    reports = [RawReport("b.xml", SUITE.encode()), RawReport("a.xml", BOMB.encode()), RawReport("c.json", b"{}")]
    evidence = ReportFiles().read(reports)
    assert [suite.source for suite in evidence.suites] == ["b.xml"]
    assert [refused.source for refused in evidence.refused] == ["a.xml", "c.json"]
    assert dict(evidence.digests) == {report.path: hashlib.sha256(report.content).hexdigest() for report in reports}
    assert {refused.digest for refused in evidence.refused} <= {digest for _, digest in evidence.digests}


def test_no_reports_are_no_evidence() -> None:
    assert ReportFiles().read([]) == Evidence()


def test_reports_past_the_limit_are_refused_not_dropped() -> None:
    evidence = ReportFiles().read([RawReport(f"{n:04}.xml", SUITE.encode()) for n in range(MAX_REPORTS + 2)])
    assert len(evidence.suites) == MAX_REPORTS
    assert [refused.refusal.saw for refused in evidence.refused] == ["report number 201", "report number 202"]


def test_reports_are_limited_together() -> None:
    evidence = ReportFiles().read([RawReport(f"{n}.xml", SUITE.encode() + b" " * (10 * 1024 * 1024 - 100)) for n in range(7)])
    assert len(evidence.suites) == 6
    assert evidence.refused[0].refusal.saw.startswith("reports of 73,3")


def test_no_refusal_repeats_a_secret_of_the_report() -> None:
    secret = "ghp_" + "a1B2" * 9
    reports: list[dict[str, Json]] = [
        {"schemaVersion": secret, "files": {}},
        {"version": secret, "runs": []},
        {"meta": {"format": 3}, "files": {secret: 1}},
        {"results": {"tests": [secret]}},
    ]
    assert secret not in repr(refusal(f"<{secret}/>"))
    for report in reports:
        assert secret not in repr(refusal(report))


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    evidence = read(content)
    assert len(evidence.refused) + len(evidence.suites) + len(evidence.coverage) == 1


@given(
    st.text(max_size=200),
    st.sampled_from(["<testsuite>{}</testsuite>", "<coverage line-rate='1'>{}</coverage>", '{{"runs": {}}}']),
)
def test_no_text_inside_a_report_crashes_the_reader(text: str, frame: str) -> None:
    assert len(read(frame.format(text).encode(errors="replace")).digests) == 1


@given(st.data())
def test_no_damage_to_a_real_report_crashes_the_reader(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(path for path in SAMPLES.iterdir() if path.suffix != ".md")))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    assert len(read(bytes(content)).digests) == 1


KEYS = (
    "name status tests format mutants level locations start line location tool driver results executed_lines physicalLocation "
    "region startLine message text retries retryAttempts suppressions invocations rules framework"
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4),
)
FRAMES: list[tuple[str, dict[str, Json]]] = [
    ("results", {}),
    ("files", {"meta": {"format": 3}}),
    ("files", {"schemaVersion": "2"}),
    ("runs", {"version": "2.1.0"}),
    ("meta", {"files": {}}),
]


@given(st.sampled_from(FRAMES), ANY_JSON)
def test_no_json_in_any_place_crashes_the_reader(frame: tuple[str, dict[str, Json]], value: Json) -> None:
    key, around = frame
    assert len(read(json.dumps(around | {key: value})).digests) == 1


def test_text_is_made_fit_to_be_shown() -> None:
    assert clean("a\x1b[31m\n\tb\u202e  c") == "a [31m b c"
    assert clean("x" * 999) == "x" * 300
    assert clean("") == ""


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), (" 7 ", 7), ("-7", None), ("7.0", None), ("٧", None), ("", None), ("9" * 99, None)]
)
def test_only_plain_decimal_numbers_are_numbers(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_the_tree_keeps_names_without_namespaces() -> None:
    root = read_xml(b"<a:x xmlns:a='urn:y' k='v'>text<a:z/></a:x>").root
    assert (root.tag, root.get("k"), root.text, [inner.tag for inner in root.inside]) == ("x", "v", "text", ["z"])
