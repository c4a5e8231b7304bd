"""Agents that come with an editor, and the services behind them: Cursor, Devin, Windsurf, JetBrains, Cline and their like."""

from __future__ import annotations

from dataclasses import replace

from bot.core.detection.marks.row import FOOTER, SEEN, Family, Mark, Pattern

cursor = Family(
    "cursor", "Cursor", "AIDev data; labri-progress/agent-mining; powerset-co/github-coding-agent-tracker", "source", SEEN
)
devin = Family("devin", "Devin", "AIDev data; Devin docs", "source", SEEN)
windsurf = Family("windsurf", "Windsurf", "git-ai detector; labri-progress/agent-mining")
audit = "id audit; chaoss/disclosure"
junie = Family("junie", "JetBrains Junie", "id audit")
kilo = Family("kilo", "Kilo Code", audit)
cline = Family("cline", "Cline", audit)
continued = Family("continue", "Continue", audit)
cody = Family("cody", "Sourcegraph Cody", audit)
roo = Family("roo", "Roo Code", "git-ai detector; id audit")
augment = Family("augment", "Augment", "labri-progress/agent-mining")

ROWS: tuple[Mark, ...] = (
    replace(cursor.account(206951365), confidence="measured"),
    cursor.app("cursor"),
    cursor.login("cursor[bot]"),
    replace(cursor.account(201670782), confidence="listed"),
    cursor.login("cursoragent[bot]"),
    *cursor.mails("cursoragent@cursor.com", "agent@cursor.com", "composer@anysphere.co"),
    replace(cursor.trailer("Made-with", "", "Cursor"), names_agent="must"),
    cursor.trailer("Cursor-Session", "", "bc-12ab"),
    cursor.branch(r"^cursor/", "cursor/fix-rounding-1a2b"),
    cursor.text(
        "comment",
        "pr-body",
        Pattern(r"^cursor_agent_pr_body_(?:begin|end)\b", "CURSOR_AGENT_PR_BODY_BEGIN", "cursor_agent_pr_body_"),
    ),
    cursor.text(
        "body",
        "agent-link",
        Pattern(
            r"\bcursor\.com/(?:agents/bc-|agents\?(?:\S*&)?id=bc-|background-agent\?(?:\S*&)?bcid=)",
            "https://cursor.com/background-agent?bcId=bc-12ab",
            "cursor.com/",
        ),
    ),
    cursor.text(
        "body",
        "footer",
        Pattern(FOOTER + r"made with \[cursor\]", "Made with [Cursor](https://cursor.com)", "made with [cursor]"),
    ),
    *cursor.tool("cursor", "cursor-agent", "cursor-cli"),
    replace(devin.account(158243242), confidence="measured"),
    devin.app("devin-ai-integration"),
    devin.login("devin-ai-integration[bot]"),
    *(replace(row, confidence="listed") for row in devin.mails("devin@cognition.ai", "noreply@cognition.ai")),
    # With its time stamp: Devin is a name, and people put theirs before their branches.
    devin.branch(r"^devin/\d{10}-", "devin/1755012345-fix-rounding"),
    devin.text(
        "body",
        "session",
        Pattern(
            r"\bapp\.devin\.ai/sessions/[0-9a-f]{32}\b",
            "Link to Devin run: https://app.devin.ai/sessions/0123456789abcdef0123456789abcdef",
            "app.devin.ai/sessions/",
        ),
    ),
    devin.text(
        "body",
        "footer",
        Pattern(FOOTER + r"generated with \[devin\]", "Generated with [Devin](https://devin.ai)", "generated with [devin]"),
    ),
    *devin.tool("devin", "devin-ai"),
    windsurf.account(189301087),
    windsurf.login("windsurf-bot[bot]"),
    *windsurf.mails("noreply@windsurf.com", "noreply@codeium.com", "cascade@windsurf.ai"),
    windsurf.text(
        "body",
        "desktop",
        Pattern(
            FOOTER + r"open in devin desktop\b",
            "[Open in Devin Desktop](https://app.devin.ai/desktop/x)",
            "open in devin desktop",
        ),
    ),
    *windsurf.tool("windsurf", "codeium", "cascade"),
    junie.login("jetbrains-junie[bot]"),
    junie.account(220155983),
    junie.login("jetbrains-ai[bot]"),
    junie.mail("junie@jetbrains.com"),
    *junie.tool("junie", "jetbrains-junie"),
    kilo.account(240665456),
    *kilo.tool("kilo", "kilo-code"),
    cline.account(205137888),
    cline.branch(r"^cline/", "cline/fix-rounding"),
    *cline.tool("cline"),
    continued.account(230936708),
    continued.mail("noreply@continue.dev"),
    *continued.tool("continue", "continue-cli"),
    cody.account(201248094),
    *cody.tool("cody"),
    roo.account(263205322),
    roo.login("roomote[bot]"),
    roo.account(301996811),
    roo.login("roomote-roomote[bot]"),
    roo.mail("roomote@roocode.com"),
    roo.domain("roomote.dev"),
    *roo.tool("roo", "roo-code", "roomote"),
    augment.mail("noreply@augmentcode.com"),
    *augment.tool("augment", "augment-code", "auggie"),
)
