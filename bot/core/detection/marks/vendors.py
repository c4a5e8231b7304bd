"""Agents of the model vendors: Claude Code, Codex, Gemini, Jules, Qwen, and those known by their address alone."""

from __future__ import annotations

from dataclasses import replace

from bot.core.detection.marks.row import FOOTER, SEEN, Family, Mark, Pattern

claude = Family("claude-code", "Claude Code", "anthropics/claude-code#77830, #41873; settings docs (attribution)", "source")
claude_app = Family("claude-app", "Claude Code", "anthropics/claude-code-action:src/github/constants.ts, action.yml", "source")
codex = Family("codex", "OpenAI Codex", "AIDev data; aavetis/ai-pr-watcher:collect_data.py", "source")
codex_cli = Family("codex-cli", "OpenAI Codex", "openai/codex:codex-rs/core/src/commit_attribution.rs", "source")
gemini = Family("gemini", "Gemini CLI", "google-gemini/gemini-cli; id audit")
gemini_review = Family("gemini-review", "Gemini Code Assist", "google-gemini/gemini-cli; id audit", assisted=True)
jules = Family("jules", "Google Jules", "labri-progress/agent-mining; public pull requests", "listed", SEEN)
qwen = Family("qwen-code", "Qwen Code", "QwenLM/qwen-code docs (general.gitCoAuthor)", "source")
by_address = "labri-progress/agent-mining; git-ai detector"

CLAUDE_ROWS: tuple[Mark, ...] = (
    *claude.mails("noreply@anthropic.com", "no-reply@anthropic.com", "claude@anthropic.com", "assistant@anthropic.com"),
    # The user that GitHub links noreply@anthropic.com to: a link made from an address, hence B.
    claude.account(81847, "B"),
    claude.trailer("Claude-Session", "", "https://claude.ai/code/session_01abc"),
    claude.branch(r"^claude[/-]", "claude/fix-rounding"),
    claude.text(
        "body",
        "footer",
        Pattern(
            FOOTER + r"generated with (?:\[claude code\]|claude code\s*(?:\W*$|\(?https://claude\.))",
            "🤖 Generated with [Claude Code](https://claude.com/claude-code)",
            "generated with",
        ),
    ),
    claude.text(
        "body",
        "session",
        Pattern(r"\bclaude\.ai/code/session_\w", "https://claude.ai/code/session_01abc", "claude.ai/code/session_"),
    ),
    claude_app.account(209825114),
    claude_app.app("claude"),
    claude_app.login("claude[bot]"),
    claude_app.account(215619710),
    claude_app.login("anthropic-claude[bot]"),
    claude_app.account(208546643),
    claude_app.login("claude-code-action[bot]"),
    # The action's default identity carries the number of github-actions[bot]: only the name tells them apart.
    replace(claude_app.account(41898282, "B"), id="claude-app.account.action-default", name=r"^claude\[bot\]$"),
    *claude.tool("claude", "claude-code", "claude-agent"),
)

CODEX_ROWS: tuple[Mark, ...] = (
    codex.account(199175422),
    codex.app("chatgpt-codex-connector"),
    codex.login("chatgpt-codex-connector[bot]"),
    codex.account(215057067),
    codex.app("openai-codex"),
    codex.login("openai-codex[bot]"),
    codex.branch(r"^codex/", "codex/fix-rounding"),
    codex.label("codex"),
    codex.text(
        "body",
        "task",
        Pattern(
            r"\bchatgpt\.com/codex/tasks/task_\w",
            "https://chatgpt.com/codex/tasks/task_e_68aa",
            "chatgpt.com/codex/tasks/task_",
        ),
    ),
    codex.text(
        "body",
        "footer",
        Pattern(
            FOOTER + r"generated with \[(?:openai )?codex\]",
            "Generated with [Codex](https://openai.com/codex)",
            "generated with [",
        ),
    ),
    codex_cli.mail("noreply@openai.com"),
    *(
        replace(row, confidence="listed")
        for row in codex_cli.mails(
            "codex@openai.com", "noreply@codex.openai.com", "codex@example.com", "codex@local", "codex@agent"
        )
    ),
    codex_cli.trailer("Codex-Session", "", "0199a213"),
    *codex.tool("codex", "codex-cli", "openai-codex"),
    *replace(codex, key="chatgpt", agent="ChatGPT").tool("chatgpt", "gpt", "openai"),
)

GOOGLE_ROWS: tuple[Mark, ...] = (
    # Mostly a reviewer; a co-author when somebody takes its suggestion.
    gemini_review.account(176961590),
    gemini_review.login("gemini-code-assist[bot]"),
    gemini.login("gemini-cli[bot]"),
    gemini.account(218195315),
    # The identity of the tool's shadow repository: it has no business in a real commit, and proves no authorship.
    gemini.mail("gemini-cli@google.com", "E"),
    *gemini.tool("gemini", "gemini-cli", "google-gemini"),
    *replace(gemini, key="antigravity", agent="Antigravity").tool("antigravity"),
    jules.account(161369871),
    jules.app("google-labs-jules"),
    jules.login("google-labs-jules[bot]"),
    jules.branch(r"^jules/", "jules/fix-rounding"),
    jules.text(
        "body",
        "footer",
        Pattern(
            FOOTER + r"pr created automatically by jules for task\b",
            "*PR created automatically by Jules for task [11](https://jules.google.com/task/11) started by @someone*",
            "created automatically by jules",
        ),
    ),
    jules.text(
        "body", "task", Pattern(r"\bjules\.google\.com/task/\d", "https://jules.google.com/task/11", "jules.google.com/task/")
    ),
    *jules.tool("jules", "google-jules"),
)

OTHER_ROWS: tuple[Mark, ...] = (
    qwen.mail("qwen-coder@alibabacloud.com"),
    *qwen.tool("qwen", "qwen-code"),
    Family("vibe", "Mistral Vibe", by_address).mail("vibe@mistral.ai"),
    *Family("vibe", "Mistral Vibe", by_address).tool("mistral", "mistral-vibe"),
    Family("kimi", "Kimi", by_address).mail("noreply@moonshot.ai"),
    *Family("kimi", "Kimi", by_address).tool("kimi", "kimi-cli"),
    *Family("grok", "Grok", by_address).mails("grok@x.ai", "noreply@x.ai"),
    *Family("grok", "Grok", by_address).tool("grok"),
    Family("glm", "GLM", by_address).mail("noreply@z.ai"),
    *Family("glm", "GLM", by_address).tool("glm"),
    Family("letta", "Letta", by_address).mail("noreply@letta.com"),
    *Family("letta", "Letta", by_address).tool("letta", "letta-code"),
)

ROWS: tuple[Mark, ...] = (*CLAUDE_ROWS, *CODEX_ROWS, *GOOGLE_ROWS, *OTHER_ROWS)
