"""Marks that belong to no single tool: declared trailers, session trailers, notes, file headers, attributes, documents."""

from __future__ import annotations

from dataclasses import replace

from bot.core.detection.marks.row import SEEN, UNNAMED, Family, Mark, Pattern

assisted_by = Family(
    "assisted-by", UNNAMED, "Linux Documentation/process/coding-assistants.rst; Fedora and LLVM policies", "source"
)
generated_by = Family("generated-by", UNNAMED, "Apache and OpenInfra contribution policies", "source")
co_ai = Family("co-authored-by-ai", UNNAMED, "OpenLiberty contribution policy", "source")
entire = Family("entire", "Entire session", "entireio/cli", "source")
git_ai = Family("git-ai", UNNAMED, "git-ai-project/git-ai:specs/git_ai_standard_v3.0.0.md", "source", SEEN)
agent_trace = Family("agent-trace", UNNAMED, "cursor/agent-trace:README.md (RFC, Jan 2026)", "source", SEEN)
own = Family("llmgate", UNNAMED, "llmgate", "measured", SEEN)

COMMENT_OPENER = r"(?im)^[ \t]*(?:#+|//+|/\*+|\*+|<!--+|<%--|--+|;+|%+|'|\"{1,3}|\{-|\(\*+|rem\b|@rem\b)[ \t!]*"

ROWS: tuple[Mark, ...] = (
    # AGENT:MODEL as the kernel writes it, a known tool, or the plain word that some projects allow. A person is none of these.
    replace(
        assisted_by.trailer("Assisted-by", r"^[A-Za-z][\w.+ -]{0,40}:(?!//)[\w.+/-]+(?:\s|$)", "Pilot-X:model-7"),
        id="assisted-by.trailer.agent-model",
        names_agent="may",
    ),
    replace(assisted_by.trailer("Assisted-by", "", "Claude Code 2.0"), id="assisted-by.trailer.known-tool", names_agent="must"),
    replace(
        assisted_by.trailer("Assisted-by", r"^[^<@]*\b(?:ai|llms?|chat ?bot|generative)\b[^<@]*$", "generic LLM chatbot"),
        id="assisted-by.trailer.generic",
    ),
    replace(generated_by.trailer("Generated-by", "", "ChatGPT 5"), names_agent="must"),
    replace(co_ai.trailer("Co-authored-by-AI", r"^\w", "some assistant 1.0"), names_agent="may"),
    *(
        entire.trailer(f"Entire-{part}", r"^\S", "0f3a")
        for part in ("Checkpoint", "Session", "Metadata", "Strategy", "Attribution")
    ),
    replace(entire.trailer("Entire-Agent", r"^\S", "Some Agent"), names_agent="may"),
    entire.branch(r"^entire/checkpoints/v1$", "entire/checkpoints/v1"),
    git_ai.row("note", "authorship/3.0.0", "B", "attestation", ""),
    agent_trace.row("note", "agent-trace", "B", "record", ""),
    own.text(
        "header",
        "generated-by-llm",
        Pattern(
            COMMENT_OPENER
            + r"@?generated[_ -]by[_ -]llm\b(?!\s*[:=]\s*(?:false|no|0)\b)(?:\s*[:=]\s*(?P<agent>[^\s*>\"-][^\n*>\"]{0,60}))?",
            "# generated_by_llm: Claude Code",
            "generated",
        ),
        "B",
    ),
    own.row("attribute", "llmgate-generated", "B", "generated", "llmgate-generated"),
    own.row("document", ".llmgate/provenance/", "B", "provenance", ""),
)
