"""What a Markdown text says in its own voice: without quotations, code blocks and inline code.

A change about agents quotes their marks, and must not trigger them. HTML comments are kept apart from what readers see: some
marks live only there, and a template's comment that mentions a footer is no footer.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

FENCE = re.compile(r" {0,3}(?:[-*+] +|\d+[.)] +)?(`{3,}|~{3,})([^\n]*)$")
QUOTE = re.compile(r" {0,3}>")
INDENTED = re.compile(r"(?: {4}|\t| {1,3}\t)")
STARTS_BLOCK = re.compile(r" {0,3}(?:[-*+] |\d+[.)] |#{1,6} |-{3,}\s*$|\*{3,}\s*$|<!--|`{3}|~{3})")
CODE_TAG = re.compile(r"(?i)<(/?)(pre|code|blockquote)\b[^<>]*>")
TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class OwnVoice:
    """`visible` is the text a reader sees as the writer's own; `comments` the HTML comments outside quotations and code."""

    visible: str
    comments: tuple[str, ...]


def own_voice(text: str) -> OwnVoice:
    """Strip a text that went through `spelling.plain`. An unclosed fence runs to the end, as on the forges."""
    reader = _Reader()
    for line in text.split("\n"):
        reader.take(line)
    kept = "\n".join(reader.kept)
    if "<" in kept:
        kept = _without_code_tags(kept)
    return _split(_without_inline_code(kept) if "`" in kept else kept)


@dataclass(slots=True)
class _Reader:
    """Block structure, line by line: just enough of it to know a quotation and a code block."""

    kept: list[str] = field(default_factory=list)
    fence: str = ""
    in_comment: bool = False
    quoting: bool = False
    blank_above: bool = True
    in_code: bool = False

    def take(self, line: str) -> None:
        if self.in_comment:
            self.in_comment = "-->" not in line
            self._keep(line)
        elif self.fence:
            closing = FENCE.match(line)
            if closing and closing[1].startswith(self.fence) and not closing[2].strip():
                self.fence = ""
            self.blank_above = True
        elif not line.strip():
            self.quoting, self.blank_above = False, True
            self.kept.append("")
        elif not self._opens_code(line) and not self._quotes(line):
            self.in_comment = _leaves_comment_open(line)
            self._keep(line)

    def _keep(self, line: str) -> None:
        self.kept.append(line)
        self.blank_above = self.in_code = False

    def _opens_code(self, line: str) -> bool:
        fence = FENCE.match(line)
        if fence and not (fence[1][0] == "`" and "`" in fence[2]):
            self.fence, self.quoting = fence[1], False
            self.kept.append("")
            return True
        self.in_code = (self.blank_above or self.in_code) and INDENTED.match(line) is not None
        if self.in_code:
            self.blank_above = False
        return self.in_code

    def _quotes(self, line: str) -> bool:
        """A quoted line, or the lazy continuation of one."""
        self.quoting = QUOTE.match(line) is not None or (self.quoting and not STARTS_BLOCK.match(line))
        if self.quoting:
            self.blank_above = False
        return self.quoting


def _leaves_comment_open(line: str) -> bool:
    start = line.rfind("<!--")
    if start < 0 or line.find("-->", start + 4) >= 0:
        return False
    return line.count("`", 0, start) % 2 == 0


def _without_code_tags(text: str) -> str:
    """Drop what stands between <pre>, <code> or <blockquote> and its end; an unclosed tag is only a tag. One pass."""
    tags = list(CODE_TAG.finditer(text))
    out: list[str] = []
    at = 0
    ends: dict[str, list[int]] = {}
    for tag in tags:
        if tag[1]:
            ends.setdefault(tag[2].lower(), []).append(tag.end())
    for tag in tags:
        closing = ends.get(tag[2].lower(), [])
        following = bisect_right(closing, tag.end())
        if not tag[1] and tag.start() >= at and following < len(closing):
            out += [text[at : tag.start()], " "]
            at = closing[following]
    return "".join([*out, text[at:]])


def _without_inline_code(text: str) -> str:
    """Drop `code spans`: a run of backticks closes at the next run of the same length in the same paragraph."""
    return "\n\n".join(_paragraph_without_code(part) if "`" in part else part for part in text.split("\n\n"))


def _paragraph_without_code(text: str) -> str:
    runs = [(match.start(), match.end()) for match in TICKS.finditer(text)]
    by_length: dict[int, list[int]] = {}
    for start, end in runs:
        by_length.setdefault(end - start, []).append(start)
    out: list[str] = []
    at = 0
    for start, end in runs:
        if start < at:
            continue
        peers = by_length[end - start]
        following = bisect_right(peers, start)
        if following < len(peers):
            out += [text[at:start], " "]
            at = peers[following] + end - start
    return "".join([*out, text[at:]])


def _split(text: str) -> OwnVoice:
    if "<!--" not in text:
        return OwnVoice(text, ())
    visible: list[str] = []
    comments: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        visible.append(text[at:start])
        end = text.find("-->", start + 4)
        comments.append(text[start + 4 : end if end >= 0 else len(text)].strip())
        at = end + 3 if end >= 0 else len(text)
    visible.append(text[at:])
    return OwnVoice("".join(visible), tuple(comments))
