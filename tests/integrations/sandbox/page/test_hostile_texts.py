"""Other people's texts on the page: shown as they are, never run, never mistaken for the page's own."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from integrations.sandbox.page.forge_view import CheckShown, CommentShown, CommitShown
from integrations.sandbox.page.markup import Reader, markdown_html, slack_html
from tests.integrations.sandbox.page.conftest import OPEN, Desk

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</div></section></main><h1>Approved</h1>",
    "'\"><svg onload=alert(1)>",
    "javascript:alert(1)",
    '<https://example.com"onmouseover=alert(1)|x>',
    "<javascript:alert(1)|x>",
    "[x](javascript:alert(1)) ![x](https://example.com/x.png)",
    '[x](https://example.com"onmouseover=alert(1))',
    "<details open ontoggle=alert(1)><summary onclick=alert(1)>x</summary></details>",
    "\ue0000\ue001 \ue00099\ue001",
    "```</code></pre><script>alert(1)</script>```",
    "<!date^1772535600^<script>alert(1)</script>|x>",
    '<@"><script>alert(1)</script>>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
)
KNOWN = {
    "a", "article", "b", "blockquote", "br", "button", "code", "details", "div", "em", "fieldset", "footer", "form", "h1", "h2",
    "h3", "header", "hr", "input", "label", "legend", "li", "nav", "ol", "option", "p", "pre", "s", "section", "select", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "textarea", "th", "thead", "time", "tr", "ul",
}  # fmt: skip


class Inspector(HTMLParser):
    """Reads HTML as a browser would and notes whatever could run or leave the page."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.balance = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in KNOWN:
            self.wrong.append(f"<{tag}>")
        self.balance += tag == "div"
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "src"):
                self.wrong.append(f"{tag} {name}")
            if name == "href" and not (value or "").startswith(("http://", "https://", "/?", "mailto:")):
                self.wrong.append(f"{tag} href={value}")

    def handle_endtag(self, tag: str) -> None:
        self.balance -= tag == "div"


def inspected(html: str) -> tuple[list[str], int]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.wrong, inspector.balance


@pytest.mark.parametrize("attack", ATTACKS)
def test_slack_markup_runs_nothing(attack: str, desk: Desk) -> None:
    assert inspected(slack_html(attack, Reader(desk.slack.workspace))) == ([], 0)


@pytest.mark.parametrize("attack", ATTACKS)
def test_markdown_runs_nothing(attack: str) -> None:
    assert inspected(markdown_html(attack)) == ([], 0)


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_part_of_the_page_runs_nothing(attack: str, desk: Desk) -> None:
    eve = desk.slack.member(attack)
    room = desk.slack.channel(f"#{attack}", members=[eve.id])
    plain = {"type": "plain_text", "text": attack[:70]}
    element = {"type": "button", "text": plain, "value": attack, "action_id": attack, "accessibility_label": attack[:70]}
    confirm = {"title": plain, "text": plain, "confirm": {**plain, "text": "y"}, "deny": {**plain, "text": "n"}}
    field = {"type": "input", "block_id": attack, "label": plain, "hint": plain}
    blocks: list[dict[str, Any]] = [
        {"type": "section", "block_id": attack, "text": {"type": "mrkdwn", "text": attack}},
        {"type": "actions", "elements": [{**element, "confirm": confirm}]},
    ]
    desk.client.chat_postMessage(channel=room.id, text=attack, blocks=blocks)
    desk.client.chat_postEphemeral(channel=room.id, user=eve.id, text=attack)
    modal = {
        "type": "modal",
        "title": {**plain, "text": attack[:24]},
        "submit": {**plain, "text": attack[:24]},
        "blocks": [
            {**field, "element": {"type": "plain_text_input", "action_id": "a", "initial_value": attack, "placeholder": plain}}
        ],
    }
    desk.client.views_open(trigger_id=desk.slack.triggers.issue(eve.id), view=modal)
    desk.slack.submit(eve.id)
    check = CheckShown(attack, attack, attack, attack, attack)
    said = CommentShown(attack, attack)
    commit = CommitShown(attack, attack, attack)
    desk.forge.shown = [
        replace(OPEN, repository=attack, title=attack, author=attack, labels=(attack,), blocked_because=attack, state=attack),
        replace(OPEN, number=8, title=attack, checks=(check,), comments=(said,), commits=(commit,)),
    ]
    for change in ("7", "8"):
        for name, html in desk.parts(user=eve.id, place=room.id, change=change).items():
            assert inspected(html) == ([], 0), name


def test_text_reads_as_it_was_written(desk: Desk) -> None:
    assert slack_html("1 &lt; 2 &amp;&amp; a*b*c snake_case_name", Reader(desk.slack.workspace)) == (
        "1 &lt; 2 &amp;&amp; a*b*c snake_case_name"
    )


def test_emphasis_closes_over_links_and_code(desk: Desk) -> None:
    html = slack_html("*<https://example.com|a_b_c>* _`x*y`_ ~no~", Reader(desk.slack.workspace))
    assert html == (
        '<strong><a href="https://example.com" target="_blank" rel="noreferrer noopener">a_b_c</a></strong> '
        "<em><code>x*y</code></em> <s>no</s>"
    )
