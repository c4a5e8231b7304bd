"""Hostile report bytes turned into trees, within limits: bytes before parsing, then elements, depth and length of text.

XML goes through defusedxml, so that no entity is declared or resolved. A DOCTYPE is allowed for Cobertura alone, and never with
an internal subset: that could give attributes default values, and so write numbers into every line of a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import DefusedXMLParser

from bot.core.provenance.leaks import find_secret
from bot.core.provenance.strict_json import Json, JsonLimits, Refused, read_json

MAX_BYTES = 10 * 1024 * 1024
MAX_ELEMENTS = 200_000
MAX_XML_DEPTH = 64
MAX_TEXT = 2_000
"""Characters kept of one element's text; the rest (captured output) is passed over, since nothing here reads it."""
MAX_ATTRIBUTES = 64
JSON_LIMITS = JsonLimits(bytes=MAX_BYTES, depth=64, items=2_000_000)
MAX_LINE = 10_000_000
MAX_PATH = 1024
_SPLIT = "Split the report, or leave captured output out of it."


@dataclass(slots=True)
class Element:
    """One XML element: its name without a namespace, attributes, the start of its text, and what is inside."""

    tag: str
    attributes: Mapping[str, str]
    text: str = ""
    inside: list[Element] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def all(self, *tags: str) -> list[Element]:
        """The elements directly inside that have one of these names."""
        return [element for element in self.inside if element.tag in tags]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed XML report. `doctype` is the name its DOCTYPE gives, empty without one."""

    root: Element
    doctype: str


class _Builder:
    """Target of the parser: builds `Element`s and stops at the limits."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise Refused(f"more than {MAX_ELEMENTS:,} elements", f"at most {MAX_ELEMENTS:,}", _SPLIT)
        if len(self._open) >= MAX_XML_DEPTH:
            raise Refused(
                f"elements nested deeper than {MAX_XML_DEPTH}", f"at most {MAX_XML_DEPTH} levels", "Write it flatter."
            )
        if len(attributes) > MAX_ATTRIBUTES:
            raise Refused(f"an element of {len(attributes)} attributes", f"at most {MAX_ATTRIBUTES}", "Write fewer.")
        element = Element(tag.rpartition("}")[2], attributes)
        if self._open:
            self._open[-1].inside.append(element)
        else:
            self.root = element
        self._open.append(element)

    def data(self, text: str) -> None:
        element = self._open[-1] if self._open else None
        if element and len(element.text) < MAX_TEXT and (element.text or not text.isspace()):
            element.text = (element.text + text)[:MAX_TEXT]

    def end(self, _tag: str) -> None:
        self._open.pop()

    def close(self) -> Element | None:
        return self.root


class _Parser(DefusedXMLParser):
    doctype = ""

    def defused_start_doctype_decl(self, name: str, sysid: str | None, pubid: str | None, has_internal_subset: bool) -> None:
        if has_internal_subset:
            raise DTDForbidden(name, sysid, pubid)
        self.doctype = name


def read_xml(content: bytes) -> Document:
    """The tree of an XML report; Refused where it is none, or goes past a limit."""
    if len(content) > MAX_BYTES:
        raise Refused(f"{len(content):,} bytes", f"at most {MAX_BYTES:,} bytes", _SPLIT)
    builder = _Builder()
    parser = _Parser(target=builder, forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException:
        raise Refused(
            "XML that declares entities or a DTD of its own", "XML without declarations", "Write the report without a DOCTYPE."
        ) from None
    except ParseError as error:
        line, column = error.position
        raise Refused(f"XML that breaks at line {line}, column {column}", "well-formed XML", _AGAIN) from None
    except (ValueError, LookupError):  # an encoding that is unknown, or that does not fit the bytes
        raise Refused("XML in an encoding that cannot be read", "XML in UTF-8", _AGAIN) from None
    if builder.root is None:
        raise Refused("XML without an element", "a report", _AGAIN)
    return Document(builder.root, parser.doctype)


_AGAIN = "Let the tool write the report again, and upload the file it wrote."


def parse_json(content: bytes) -> Json:
    """The value of a JSON report; Refused where it is none, or goes past a limit."""
    return read_json(content, JSON_LIMITS)


def clean(text: str, limit: int = 300) -> str:
    """Text of a report made fit to be kept and shown: one line, no control characters, cut, and no secret in it."""
    short = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * limit]).split())[:limit]
    secret = find_secret(text[:MAX_TEXT])
    return f"(not shown: it looks like {secret})" if secret else short


def clean_path(path: str) -> str:
    """A path of a report, kept as it is where it can be shown."""
    return path if path.isprintable() and len(path) <= MAX_PATH else clean(path, MAX_PATH)


def whole_number(text: str, most: int = MAX_LINE) -> int | None:
    """A plain decimal number from 0 to `most`; None for anything else."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(most))):
        return None
    return int(digits) if int(digits) <= most else None
