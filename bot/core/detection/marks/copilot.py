"""GitHub's own agents: Copilot in its modes, the partner agents that run on GitHub, and Agentic Workflows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.core.detection.marks.row import SEEN, Family, Mark, Pattern

COPILOT = "GitHub Copilot"
cloud = Family("copilot-cloud", COPILOT, "AIDev data; GitHub changelog and docs; community discussion 212169", "measured", SEEN)
cli = Family("copilot-cli", COPILOT, "github/copilot-cli changelog (since 0.0.410)", "source")
editor = Family("copilot-vscode", COPILOT, "microsoft/vscode#314311, #310226", "source")
review = Family("copilot-review", "Copilot review", "commit-identity audits", assisted=True)
chat = Family("copilot-chat", COPILOT, "commit-identity audits")
workflows = Family("gh-aw", "GitHub Agentic Workflows", "github/gh-aw", "source", SEEN)
claude_partner = Family("claude-partner", "Claude Code", "partner-agent benchmark record of Aug 2026; bot lists; audits")
codex_partner = Family("codex-partner", "OpenAI Codex", "commit-identity audits; agent instructions of several repositories")

ROWS: tuple[Mark, ...] = (
    cloud.account(198982749),
    cloud.app("copilot-swe-agent"),
    cloud.login("copilot-swe-agent[bot]"),
    cloud.event("copilot_work_started"),
    cloud.event("copilot_work_finished"),
    cloud.trailer(
        "Agent-Logs-Url", r"^https://github\.com/[^/\s]+/[^/\s]+/sessions/\S", "https://github.com/acme/shop/sessions/1f0e"
    ),
    cloud.branch(r"^copilot/", "copilot/fix-rounding"),
    cloud.text(
        "comment",
        "suffix",
        Pattern(
            r"^start copilot (?:coding agent (?:suffix|tips)|original prompt)\b",
            "START COPILOT CODING AGENT SUFFIX",
            "start copilot ",
        ),
    ),
    replace(cloud.text("title", "wip", Pattern(r"^\[wip\]", "[WIP] Fix rounding"), "E"), supporting=True),
    cli.account(223556219),
    # VS Code 1.117 added this address to commits that Copilot had no part in, for two weeks.
    replace(editor.mail("copilot@github.com"), lowered=(date(2026, 4, 22), date(2026, 5, 6))),
    review.account(175728472),
    # Autofix: the code-scanning app is no AI, and GitHub credits it only for a suggestion it made.
    review.account(62310815),
    chat.account(167198135),
    *cloud.tool("copilot", "github-copilot", "copilot-cli", "copilot-agent"),
    claude_partner.account(242468646),
    claude_partner.app("anthropic-code-agent"),
    claude_partner.login("anthropic-code-agent[bot]"),
    codex_partner.account(242516109),
    codex_partner.app("openai-code-agent"),
    codex_partner.login("openai-code-agent[bot]"),
    codex_partner.account(267193182),
    workflows.text(
        "comment",
        "workflow",
        Pattern(
            r"^gh-aw-agentic-workflow:",
            "gh-aw-agentic-workflow: Fix CI, engine: copilot, model: x, run: y",
            "gh-aw-agentic-workflow",
        ),
    ),
    workflows.text("comment", "workflow-id", Pattern(r"^gh-aw-workflow-id:", "gh-aw-workflow-id: fix-ci", "gh-aw-workflow-id")),
    workflows.text(
        "comment",
        "workflow-call-id",
        Pattern(r"^gh-aw-workflow-call-id:", "gh-aw-workflow-call-id: acme/shop/fix-ci", "gh-aw-workflow-call-id"),
    ),
)
