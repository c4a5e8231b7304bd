"""Which agent a free value names: the allow-list behind `Generated-by:`, `Made-with:` `Assisted-by:`, and for notes.

A value counts when it begins with a known tool or a model's name. What only looks like one does not: a code generator, a
person with an address, a compound such as `cursor-codegen`.
"""

from __future__ import annotations

import re

from bot.core.detection.marks.exempt import PLAIN_GENERATORS
from bot.core.detection.marks.row import UNNAMED
from bot.core.detection.marks.table import MarkTable
from bot.core.detection.spelling import plain, quote
from bot.core.detection.trailers import name_and_address

WORDS = re.compile(r"[a-z0-9][a-z0-9.+_-]*")
MODEL = re.compile(
    r"(?:claude|gpt|gemini|llama|qwen|deepseek|mistral|codestral|devstral|grok|kimi|glm|minimax|o[1345])"
    r"(?=[-_.\d]|$)[\w.-]*$"
)
PROVIDER = re.compile(r"^[\w.-]{1,40}/(?=[A-Za-z])")


def named_agent(value: str, table: MarkTable) -> str | None:
    """The agent that the value names, or None. The value may carry a version, a model in brackets, an agent's address."""
    name, address = name_and_address(plain(value))
    if address:
        mark = table.mails.get(address)
        return mark.agent if mark else None
    words = WORDS.findall(re.sub(r"[\[\]()*`]", " ", PROVIDER.sub("", name).lower()))[:3]
    if not words or words[0] in PLAIN_GENERATORS:
        return None
    for length in range(len(words), 0, -1):
        mark = table.tools.get("-".join(words[:length]))
        if mark:
            return mark.agent
    return quote(words[0]) if MODEL.match(words[0]) and any(c.isdigit() for c in words[0]) else None


def agent_of_tool(tool: str, table: MarkTable) -> str:
    """The agent of a tool that a note or document states; an unknown one keeps its own name."""
    tool = tool.strip()
    return named_agent(tool, table) or quote(tool) or UNNAMED
