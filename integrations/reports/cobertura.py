"""Cobertura XML: hits of each line, and how many of a line's conditions were met. Rates are not read.

Which condition was met is not told, so branches are numbered from 0 in the order that the counts allow, the taken ones first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.core.evidence.model import CoverageReport, FileCoverage
from bot.core.provenance.strict_json import Refused
from integrations.reports.intake import Element, clean, clean_path, whole_number

MAX_CONDITIONS = 256
MAX_BRANCHES = 300_000
_CONDITIONS = re.compile(r"\((\d{1,6})/(\d{1,6})\)")
_AGAIN = "Let the tool write the report again."


@dataclass(slots=True)
class _Lines:
    """What one file's classes say together: a line has run where any record ran it; of its conditions the fewest count."""

    hits: dict[int, bool] = field(default_factory=dict)
    conditions: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, line: Element) -> None:
        number, hits = whole_number(line.get("number")), whole_number(line.get("hits"), most=10**18)
        if number is None or hits is None:
            raise Refused("a `line` without whole `number` and `hits`", "both, as decimal numbers", _AGAIN)
        if number == 0:
            return
        self.hits[number] = self.hits.get(number, False) or hits > 0
        if found := _CONDITIONS.search(line.get("condition-coverage")):
            met, total = int(found[1]), int(found[2])
            if met > total or total > MAX_CONDITIONS:
                raise Refused(f"{met} of {total} conditions on one line", f"at most all of {MAX_CONDITIONS:,}", _AGAIN)
            known = self.conditions.get(number, (met, total))
            self.conditions[number] = min(known[0], met), max(known[1], total)


def read_cobertura(root: Element, source: str) -> CoverageReport:
    """The files of a report whose root is `coverage`."""
    files: dict[str, _Lines] = {}
    folder = _folder(root)
    for element in _classes(root):
        path = element.get("filename")
        if not path:
            raise Refused("a `class` without `filename`", "the file it is in", _AGAIN)
        lines = files.setdefault(_joined(folder, path), _Lines())
        for line in _recorded(element):
            lines.add(line)
    _check_branches(files)
    engine = f"cobertura {clean(root.get('version'), 40)}".strip()
    has_branches = any(lines.conditions for lines in files.values())
    return CoverageReport(source, engine, tuple(_file(path, lines) for path, lines in files.items()), has_branches)


def _check_branches(files: dict[str, _Lines]) -> None:
    total = sum(conditions for lines in files.values() for _, conditions in lines.conditions.values())
    if total > MAX_BRANCHES:
        raise Refused(f"{total:,} conditions", f"at most {MAX_BRANCHES:,}", "Split the report into several.")


def _classes(root: Element) -> Iterator[Element]:
    for packages in root.all("packages"):
        for package in packages.all("package"):
            for classes in package.all("classes"):
                yield from classes.all("class")


def _recorded(element: Element) -> Iterator[Element]:
    """The lines of a class, and of its methods, which some tools list only there."""
    for lines in element.all("lines"):
        yield from lines.all("line")
    for methods in element.all("methods"):
        for method in methods.all("method"):
            yield from _recorded(method)


def _folder(root: Element) -> str:
    """The folder that file names are relative to. With several, which one a file is in is not told: names stay as they are."""
    folders = {source.text.strip() for sources in root.all("sources") for source in sources.all("source")} - {"", "."}
    return folders.pop() if len(folders) == 1 else ""


def _joined(folder: str, path: str) -> str:
    absolute = path.startswith(("/", "\\")) or path[1:2] == ":"
    return clean_path(path if absolute or not folder else f"{folder.rstrip('/')}/{path}")


def _file(path: str, lines: _Lines) -> FileCoverage:
    counts = lines.conditions.items()
    return FileCoverage(
        path=path,
        executed=tuple(sorted(number for number, hit in lines.hits.items() if hit)),
        missing=tuple(sorted(number for number, hit in lines.hits.items() if not hit)),
        executed_branches=tuple((number, index) for number, (met, _) in counts for index in range(met)),
        missing_branches=tuple((number, index) for number, (met, total) in counts for index in range(met, total)),
    )
