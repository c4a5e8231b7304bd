"""What must not be taken for an agent, and what must not be counted twice: one test for each rule."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.detection.commits import commit_signals, decides, read_commit
from bot.core.detection.detect import detect
from bot.core.detection.marks.exempt import NON_AI_ACCOUNTS, NON_AI_LOGINS, PLAIN_GENERATORS
from bot.core.facts import CommitIdentity
from bot.core.ids import ForgeAccount
from tests.core.detection.material import account, change, commit, file, person

FOOTER = "🤖 Generated with [Claude Code](https://claude.com/claude-code)"
CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>"


@pytest.mark.parametrize(
    "name", ["Claude", "Devin", "Jules", "Cody", "cursor", "Amp", "Continue", "bolt", "v0", "Codex", "Gemini"]
)
def test_bare_names_never_match(name: str) -> None:
    who = person(name, f"{name.lower()}@acme.example", account(12345678, name, "human"))
    found = detect(
        change(f"Thanks {name}, for the help with {name}!", author=account(12345678, name, "human"), head_ref=name.lower()),
        [
            commit(f"{name}: review\n\nCo-authored-by: {name}\nReviewed-by: {name} <{name.lower()}@acme.example>", who),
            commit(f"Ask {name}\n\nCo-authored-by: {name} Martin <{name.lower()}.martin@acme.example>"),
            commit(f"Help\n\nAssisted-by: {name} Martin <{name.lower()}.martin@acme.example>"),
        ],
        [file(opening=f"# Author: {name}\n")],
    )
    assert (found.kind, found.signals) == ("undeclared", ())


@pytest.mark.parametrize("domain", ["anthropic.com", "openai.com", "google.com", "cursor.com", "cognition.ai", "x.ai"])
def test_staff_of_a_vendor_stay_human(domain: str) -> None:
    author = person("Ada Example", f"ada.example@{domain}")
    assert commit_signals(commit(f"Fix\n\nSigned-off-by: Bea <bea@{domain}>\nCo-authored-by: Cy <cy@{domain}>", author)) == ()


@pytest.mark.parametrize("number", sorted(NON_AI_ACCOUNTS))
def test_robots_by_number_are_no_ai(number: int) -> None:
    login = NON_AI_ACCOUNTS[number]
    who = person(login, f"{number}+{login}@users.noreply.github.com", account(number, login))
    found = detect(change(author=account(number, login)), [commit("Bump things", who)], [])
    assert (found.kind, found.signals) == ("undeclared", ())


@pytest.mark.parametrize("login", sorted(NON_AI_LOGINS))
def test_robots_by_login_are_no_ai(login: str) -> None:
    assert detect(change(author=account(99, login)), [], []).kind == "undeclared"


def test_an_unknown_bot_is_no_ai() -> None:
    assert detect(change(author=account(88001001, "acme-release[bot]")), [], []).kind == "undeclared"


def test_an_agent_counts_once_in_a_commit_and_by_its_surest_mark() -> None:
    number = "209825114+claude[bot]@users.noreply.github.com"
    who = person("claude[bot]", number, account(209825114, "claude[bot]"))
    signals = commit_signals(commit(f"Fix\n\n{FOOTER}\n\n{CLAUDE}\nCo-authored-by: claude[bot] <{number}>", who))
    assert [(signal.carrier, signal.mark) for signal in signals] == [("author", "claude-app.account.209825114")]


def test_a_trailer_comes_before_the_authors_name_and_the_text_after_both() -> None:
    signals = commit_signals(commit(f"Fix\n\n{FOOTER}\n\n{CLAUDE}"))
    assert [signal.carrier for signal in signals] == ["co-author"]
    aider = person("Ada Example (aider)", "ada@acme.example")
    signals = commit_signals(commit("aider: Fix\n\nCo-authored-by: aider (gpt-x) <aider@aider.chat>", aider))
    assert [signal.carrier for signal in signals] == ["author"]


def test_a_session_trailer_is_kept_beside_the_co_author() -> None:
    message = f"Fix\n\n{CLAUDE}\nClaude-Session: https://claude.ai/code/session_01abc"
    assert [signal.carrier for signal in commit_signals(commit(message))] == ["co-author", "trailer"]


def test_the_app_and_its_bot_account_are_one_fact() -> None:
    found = detect(change(author=account(198982749, "Copilot"), via_app="copilot-swe-agent"), [], [])
    assert [(signal.carrier, signal.grade) for signal in found.signals] == [("account", "A")]


def test_the_number_survives_a_rename() -> None:
    renamed = person("Totally New Name", "198982749+renamed@users.noreply.github.com")
    assert [signal.agent for signal in commit_signals(commit(author=renamed))] == ["GitHub Copilot"]


def test_the_shared_number_41898282_is_an_agent_only_by_the_name_of_claude() -> None:
    actions = person("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")
    assert commit_signals(commit(author=actions)) == ()
    claude = person("claude[bot]", "41898282+claude[bot]@users.noreply.github.com")
    assert [signal.agent for signal in commit_signals(commit(author=claude))] == ["Claude Code"]
    assert detect(change(author=account(41898282, "github-actions[bot]")), [], []).kind == "undeclared"


def test_numbers_of_another_server_are_other_people() -> None:
    for forge, host in (("gitlab", "gitlab.com"), ("github", "github.acme.example")):
        stranger = ForgeAccount(forge, host, 81847, "ada", "human")  # type: ignore[arg-type]  # both are forge names
        assert detect(change(author=stranger), [], []).kind == "undeclared"


@pytest.mark.parametrize("generator", [*sorted(PLAIN_GENERATORS), "cursor-codegen", "python setup.py", "v 1.2", "make"])
def test_code_generators_are_no_ai(generator: str) -> None:
    message = f"Regenerate\n\nGenerated-by: {generator} 1.2\nMade-with: {generator}"
    assert commit_signals(commit(message)) == ()


@pytest.mark.parametrize(
    "value", ["ChatGPT", "Claude Code 2.0", "Cursor (model-x)", "gpt-5.2-codex", "Claude <noreply@anthropic.com>"]
)
def test_generated_by_counts_with_a_known_value(value: str) -> None:
    assert len(commit_signals(commit(f"Add\n\nGenerated-by: {value}"))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "co-authored-by: Claude <noreply@anthropic.com>",
        "CO-AUTHORED-BY: Claude <NoReply@Anthropic.com>",
        "Co Authored By: Claude <noreply@anthropic.com>",
        "Co_Authored_By : Claude <noreply@anthropic.com>",
        "Coauthored-by: Claude <noreply@anthropic.com>",
        "Co\u2011Authored\u2011By: Claude <noreply@anthropic.com>",
        "Co-Auth\u200bored-By: Claude <no\u200breply@anthropic.com>",
        "\ufeffCo-authored-by: Claude <noreply@anthro\u00adpic.com>",
        "Ｃｏ－ａｕｔｈｏｒｅｄ－ｂｙ： Claude <ｎｏｒｅｐｌｙ@anthropic.com>",
        "Co-authored-by: noreply@anthropic.com",
        "Co-authored-by:\u00a0Claude <noreply@anthropic.com>",
        "Co-authored-by: Claude\n  <noreply@anthropic.com>",
    ],
)
def test_spellings_do_not_hide_a_co_author(line: str) -> None:
    for message in (f"Fix\n\n{line}", f"Fix\r\n\r\nText.\r\n\r\n{line}\r\n"):
        assert [signal.agent for signal in commit_signals(commit(message))] == ["Claude Code"]


def test_a_zero_width_space_does_not_hide_a_branch_a_label_or_a_footer() -> None:
    hidden = change(
        "Gene\u200brated with [Claude\u00a0Code](https://claude.ai/code)", head_ref="co\u200bdex/x", labels=("\ufeffAmp",)
    )
    assert set(detect(hidden, [], []).agents) == {"Claude Code", "OpenAI Codex", "Amp"}


def test_an_agents_sign_off_is_a_mark_and_a_violation() -> None:
    reading = read_commit(commit("Fix\n\nSigned-off-by: Claude <noreply@anthropic.com>"))
    assert [signal.carrier for signal in reading.signals] == ["trailer"]
    assert [violation.name for violation in reading.violations] == ["signed-off-by-agent"]
    assert "noreply@anthropic.com" in reading.violations[0].saw
    assert read_commit(commit("Fix\n\nSigned-off-by: Claude Martin <claude@acme.example>")).violations == ()


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (datetime(2026, 4, 21, 23, 59, tzinfo=UTC), "generated"),
        (datetime(2026, 4, 22, tzinfo=UTC), "undeclared"),
        (datetime(2026, 5, 6, 23, 59, tzinfo=UTC), "undeclared"),
        (datetime(2026, 5, 7, tzinfo=UTC), "generated"),
    ],
)
def test_the_vscode_address_does_not_decide_in_the_weeks_it_was_added_unasked(day: datetime, kind: str) -> None:
    message = "Fix\n\nCo-authored-by: Copilot <copilot@github.com>"
    found = detect(change(), [commit(message, authored_at=day)], [])
    assert found.kind == kind
    assert len(found.signals) == 1, "it is shown all the same"
    real = f"{message}\nCo-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>"
    assert detect(change(), [commit(real, authored_at=day)], []).kind == "generated"


@pytest.mark.parametrize(
    "mail",
    [
        "175728472+Copilot@users.noreply.github.com",
        "176961590+gemini-code-assist[bot]@users.noreply.github.com",
        "62310815+github-advanced-security[bot]@users.noreply.github.com",
        "136622811+coderabbitai[bot]@users.noreply.github.com",
    ],
)
def test_an_accepted_suggestion_is_shown_and_does_not_decide(mail: str) -> None:
    message = f"Apply suggestion\n\nCo-authored-by: Somebot <{mail}>"
    found = detect(change(), [commit(message)], [])
    assert (found.kind, found.agents, found.best) == ("undeclared", (), None)
    assert [signal.assisted for signal in found.signals] == [True]
    assert detect(change(labels=("human-written",)), [commit(message)], []).kind == "undeclared"


def test_a_reviewing_tool_that_opens_a_change_wrote_it() -> None:
    assert detect(change(author=account(136622811, "coderabbitai[bot]")), [], []).kind == "generated"


def test_an_assisted_co_author_does_not_hide_a_deciding_one() -> None:
    mails = ("175728472+Copilot@users.noreply.github.com", "223556219+Copilot@users.noreply.github.com")
    message = "Fix\n\n" + "\n".join(f"Co-authored-by: Copilot <{mail}>" for mail in mails)
    assert [decides(signal) for signal in commit_signals(commit(message))] == [False, True]


def test_no_mark_means_undeclared_and_never_human() -> None:
    assert detect(change(), [commit()], [file()]).kind == "undeclared"


def test_editable_marks_raise_but_a_human_label_lowers_nothing() -> None:
    human = ("human-written",)
    assert detect(change(head_ref="codex/x", labels=human), [], []).kind == "generated"
    assert detect(change(labels=("codex", *human)), [], []).kind == "generated"
    assert detect(change(via_app="copilot-swe-agent", labels=human), [], []).kind == "generated"


@pytest.mark.parametrize(
    "body",
    [
        "> {mark}",
        "> quoted\n{mark}",
        "```\n{mark}\n```",
        "~~~text\n{mark}\n~~~",
        "````\n```\n{mark}\n```\n````",
        "```\nunclosed\n{mark}",
        "- ```\n{mark}\n```",
        "Text:\n\n    {mark}\n",
        "Text\n\n\t{mark}",
        "The line `{mark}` is gone",
        "The line ``{mark}`` is gone",
        "<pre>\n{mark}\n</pre>",
        "<blockquote>{mark}</blockquote>",
        "<!-- say {mark} here -->",
    ],
)
@pytest.mark.parametrize("mark", [FOOTER, "https://app.devin.ai/sessions/" + "0" * 32, "https://jules.google.com/task/1"])
def test_quoted_text_and_code_do_not_trigger(body: str, mark: str) -> None:
    assert detect(change(body.format(mark=mark)), [], []).signals == ()
    assert detect(change(f"Text\n\n{mark}"), [], []).kind == "generated"


def test_a_comment_in_a_quotation_or_in_code_is_no_mark() -> None:
    comment = "<!-- CURSOR_AGENT_PR_BODY_BEGIN -->"
    for body in (f"> {comment}", f"```html\n{comment}\n```", f"see `{comment}`"):
        assert detect(change(body), [], []).signals == ()
    for body in (comment, f"Text\n{comment}\nText", f"`code`\n\n{comment}", "<!-- ``` -->\n" + comment):
        assert detect(change(body), [], []).agents == ("Cursor",)


@pytest.mark.parametrize(
    "body",
    [
        "<!-- start pr-codex -->\n## PR-Codex overview\nAsk PR-Codex anything with `/codex`\n<!-- end pr-codex -->",
        "This repairs files generated with Claude Code, see the issue.",
        "We met at claude.ai/code and cursor.com/pricing and chatgpt.com/codex.",
        "Crush generated with care",
    ],
)
def test_false_friends_in_a_body(body: str) -> None:
    assert detect(change(body), [], []).signals == ()


def test_a_trailer_in_the_middle_of_an_explanation_is_none() -> None:
    for message in (
        f"Strip trailers\n\nThe hook now removes\n{CLAUDE}\nfrom every message.",
        f"Strip trailers\n\nThe hook now removes\n\n{CLAUDE}\n\nfrom every message.",
        f"Strip trailers\n\n    {CLAUDE}",
        f"Strip trailers\n\n> {CLAUDE}",
        f"Strip '{CLAUDE}'",
        CLAUDE,
    ):
        assert commit_signals(commit(message)) == (), message


def test_assisted_by_a_person_is_none() -> None:
    for value in ("Ada Example <ada@acme.example>", "Ada Example", "Aimee <ai@acme.example>", "https://acme.example/help"):
        assert commit_signals(commit(f"Fix\n\nAssisted-by: {value}")) == (), value


def test_a_lonely_wip_title_says_nothing() -> None:
    assert detect(change(title="[WIP] Round"), [], []).signals == ()


def test_a_mention_never_decides() -> None:
    found = detect(change(), [commit("aider: mention it in the docs", CommitIdentity("Ada", "gemini-cli@google.com"))], [])
    assert (found.kind, found.best, found.operators) == ("undeclared", None, ())
    assert {signal.grade for signal in found.signals} == {"E"}
    assert detect(change(labels=("human-written",)), [commit("aider: mention it")], []).kind == "human-declared"
