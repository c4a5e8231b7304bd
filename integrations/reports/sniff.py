"""Which format a report is in, by what it holds. Names prove nothing: they are the change's own choice."""

from __future__ import annotations

from typing import Literal

from bot.core.provenance.strict_json import Refused
from integrations.reports.intake import Document, clean
from integrations.reports.node import Node

XmlFormat = Literal["junit", "cobertura"]
JsonFormat = Literal["ctrf", "coverage.py", "stryker", "sarif"]

_WANTED = "JUnit or Cobertura XML, or the JSON of CTRF, coverage.py, the Stryker schema or SARIF 2.1.0"
_CURE = "Let the tool write one of these formats, or leave the file out."


def is_xml(content: bytes) -> bool:
    """Whether the first mark is XML's, in UTF-8 or UTF-16."""
    start = content[:64].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith(b"<")


def sniff_xml(document: Document) -> XmlFormat:
    """The format of an XML report, by its root."""
    root = document.root
    if root.tag in ("testsuites", "testsuite"):
        if document.doctype:
            raise Refused("JUnit XML with a DOCTYPE", "JUnit XML without one", "Write the report without a DOCTYPE.")
        return "junit"
    if root.tag == "coverage" and (root.all("packages") or "line-rate" in root.attributes):
        return "cobertura"
    raise Refused(f"XML whose root is `{clean(root.tag, 40)}`", _WANTED, _CURE)


def sniff_json(report: Node) -> JsonFormat:
    """The format of a JSON report, by its keys."""
    if not isinstance(report.value, dict):
        raise Refused("JSON that is no object", _WANTED, _CURE)
    keys = report.value.keys()
    if "runs" in keys:
        return _sarif(report)
    if {"schemaVersion", "files"} <= keys:
        return "stryker"
    if {"meta", "files"} <= keys:
        return "coverage.py"
    if "results" in keys and isinstance(report.value["results"], dict):
        return "ctrf"
    raise Refused("JSON of a format that is not known", _WANTED, _CURE)


def _sarif(report: Node) -> JsonFormat:
    version = report.get("version").text()
    if version != "2.1.0":
        raise Refused(f"SARIF of version {clean(version, 20)!r}", "version 2.1.0", "Let the scanner write SARIF 2.1.0.")
    return "sarif"
