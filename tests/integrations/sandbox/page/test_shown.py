"""What the page shows of the workspace and of the pull request."""

from __future__ import annotations

import urllib.request
from dataclasses import replace
from typing import Any

from integrations.sandbox.page.forge_view import ChangeShown, CheckShown, CommitShown
from tests.integrations.sandbox.page.conftest import OPEN, Desk, one_check, one_comment

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def post(desk: Desk, *blocks: Json, thread_ts: str | None = None) -> str:
    channel = desk.reviews.id
    return str(desk.client.chat_postMessage(channel=channel, text="words", blocks=list(blocks), thread_ts=thread_ts)["ts"])


def stream(desk: Desk, **asked: str) -> str:
    return desk.parts(user=desk.bob.id, place=desk.reviews.id, **asked)["stream"]


def test_a_card_is_drawn_with_its_blocks_and_controls(desk: Desk) -> None:
    button = {"type": "button", "text": plain("Review & approve"), "action_id": "review", "style": "primary"}
    menu = {"type": "overflow", "action_id": "more", "options": [{"text": plain("Snooze"), "value": "snooze"}]}
    post(
        desk,
        {"type": "header", "text": plain("A change waits")},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*bold* and `code`"}, "fields": [plain("Tier"), plain("High")]},
        {"type": "divider"},
        {"type": "actions", "block_id": "row", "elements": [button, menu]},
        {"type": "context", "elements": [plain("small print")]},
    )
    html = stream(desk)
    for part in ("A change waits</h3>", "<strong>bold</strong>", "<code>code</code>", "High</div>", "<hr", "small print"):
        assert part in html
    assert 'class="button primary"' in html
    assert 'data-control="row/review"' in html
    assert 'data-option="snooze"' in html


def test_a_private_message_is_shown_to_one_person_and_says_so(desk: Desk) -> None:
    desk.client.chat_postEphemeral(channel=desk.reviews.id, user=desk.bob.id, text="for Bob alone")
    assert "Only visible to you" in stream(desk)
    assert "for Bob alone" not in desk.parts(user=desk.ann.id, place=desk.reviews.id)["stream"]


def test_replies_stand_in_the_thread_and_the_channel_counts_them(desk: Desk) -> None:
    ts = post(desk, {"type": "divider"})
    post(desk, {"type": "section", "text": plain("a reply")}, thread_ts=ts)
    assert "1 reply" in stream(desk)
    assert "a reply" not in stream(desk)
    assert "a reply" in desk.parts(user=desk.bob.id, place=desk.reviews.id, thread=ts)["thread"]


def test_a_moment_is_shown_in_the_readers_own_zone(desk: Desk) -> None:
    post(desk, {"type": "section", "text": {"type": "mrkdwn", "text": "<!date^1772535600^{date_num} {time}|then>"}})
    assert "2026-03-03 11:00</time>" in stream(desk)
    assert "2026-03-03 12:00</time>" in desk.parts(user=desk.ann.id, place=desk.reviews.id)["stream"]


def test_the_home_tab_shows_what_was_published(desk: Desk) -> None:
    assert "published nothing" in desk.parts(user=desk.bob.id, place="home")["stream"]
    view = {"type": "home", "blocks": [{"type": "header", "text": plain("My queue")}]}
    desk.client.views_publish(user_id=desk.bob.id, view=view)
    assert "My queue" in desk.parts(user=desk.bob.id, place="home")["stream"]


def test_a_dialogue_is_a_form_with_its_inputs(desk: Desk) -> None:
    options = [{"text": plain(f"Item {n}"), "value": f"i{n}"} for n in (1, 2)]
    kinds = {"checkboxes": "checkbox", "radio_buttons": "radio", "static_select": "<select"}
    blocks = [
        {
            "type": "input",
            "block_id": kind,
            "label": plain(kind),
            "element": {"type": kind, "action_id": "a", "options": options},
        }
        for kind in kinds
    ]
    text = {"type": "plain_text_input", "action_id": "t", "multiline": True, "placeholder": plain("Why?")}
    blocks.append({"type": "input", "block_id": "why", "label": plain("Reason"), "hint": plain("Be kind"), "element": text})
    view = {"type": "modal", "title": plain("Approve"), "submit": plain("Sign"), "blocks": blocks}
    desk.client.views_open(trigger_id=desk.slack.triggers.issue(desk.bob.id), view=view)
    html = desk.parts(user=desk.bob.id, place=desk.reviews.id)["dialog"]
    for part in (*kinds.values(), "<textarea", "Be kind", ">Sign</button>", 'placeholder="Why?"', 'name="why"'):
        assert part in html
    assert desk.parts(user=desk.ann.id, place=desk.reviews.id)["dialog"] == ""


def test_an_error_stands_under_its_field_and_what_was_typed_stays(desk: Desk) -> None:
    need = {
        "type": "input",
        "block_id": "need",
        "label": plain("Need"),
        "element": {"type": "plain_text_input", "action_id": "a"},
    }
    kept = {**need, "block_id": "kept", "label": plain("Kept")}
    view = {"type": "modal", "title": plain("Approve"), "submit": plain("Sign"), "blocks": [need, kept]}
    desk.client.views_open(trigger_id=desk.slack.triggers.issue(desk.bob.id), view=view)
    desk.act(verb="submit", values={"need": "", "kept": "typed words"})
    html = desk.parts(user=desk.bob.id, place=desk.reviews.id)["dialog"]
    assert "Error: Please complete this required field." in html
    assert 'value="typed words"' in html


def test_a_check_shows_its_state_in_a_word_and_its_markdown(desk: Desk) -> None:
    table = "| rule | saw |\n| --- | --- |\n| approvals | 0 |\n\n- [x] attested\n- [ ] approved"
    desk.forge.shown = [one_check("Blocked", table, "<details><summary>All</summary>\n\nfine\n\n</details>")]
    html = desk.parts(user=desk.bob.id)["change"]
    for part in (
        "Action required",
        "Blocked",
        "<td>approvals</td>",
        "☑ attested",
        "☐ approved",
        "<details><summary>All</summary>",
    ):
        assert part in html


def test_the_merge_button_is_off_with_the_reason_beside_it(desk: Desk) -> None:
    html = desk.parts(user=desk.bob.id)["change"]
    assert 'data-number="7" disabled>Merge pull request' in html
    assert "required check “llmgate” has not passed" in html


def test_the_merge_button_is_on_when_the_forge_allows_it(desk: Desk) -> None:
    desk.forge.shown = [replace(OPEN, mergeable=True, checks=(CheckShown("llmgate", "success"),), labels=("llm-generated",))]
    html = desk.parts(user=desk.bob.id)["change"]
    assert 'data-number="7">Merge pull request' in html
    assert "Merging is allowed" in html
    assert "Successful" in html
    assert "llm-generated" in html


def test_a_forge_s_own_words_stand_on_the_page(desk: Desk) -> None:
    desk.forge.forge = "gitlab"
    desk.forge.shown = [replace(OPEN, mergeable=True, checks=(CheckShown("Pipeline #9", "failed"),)), replace(OPEN, number=8)]
    html = desk.parts(user=desk.bob.id, change="7")["change"]
    for part in ("<h3>Pipeline</h3>", "!7</span>", "!8</a>", 'aria-label="Merge requests"', ">Merge</button>", "Failed"):
        assert part in html
    assert "ull request" not in desk.page()
    assert "GitLab stand-in" in desk.page()


def test_each_of_several_pull_requests_can_be_looked_at(desk: Desk) -> None:
    desk.forge.shown = [
        OPEN,
        ChangeShown("acme/shop", 8, "The second", "bob", commits=(CommitShown("c0ffee0123", "bob", "Do it"),)),
    ]
    assert "Add throttling" in desk.parts(user=desk.bob.id)["change"]
    html = desk.parts(user=desk.bob.id, change="8")["change"]
    assert "The second" in html
    assert "c0ffee0" in html


def test_a_hidden_marker_of_a_sticky_comment_is_not_shown(desk: Desk) -> None:
    desk.forge.shown = [one_comment("<!-- llmgate:sticky -->\n### Waiting")]
    html = desk.parts(user=desk.bob.id)["change"]
    assert "sticky" not in html
    assert "<h3>Waiting</h3>" in html


def test_the_whole_page_comes_in_one_piece(desk: Desk) -> None:
    with urllib.request.urlopen(f"{desk.url}/?user={desk.bob.id}&place={desk.reviews.id}") as answer:
        html, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "src=" not in html.split("</head>")[0]
    assert "{{" not in html
    for name in ("channels", "people", "stream", "thread", "change", "dialog"):
        assert f'id="{name}"' in html


def test_a_look_at_what_is_not_there_shows_what_is(desk: Desk) -> None:
    html = desk.page(user="U404", place="C404", thread="x", change="²")
    assert 'id="stream"' in html


def test_what_the_app_told_somebody_alone_has_its_own_place_on_the_left(desk: Desk) -> None:
    direct = desk.client.conversations_open(users=desk.bob.id)["channel"]["id"]
    desk.client.chat_postMessage(channel=direct, text="acme/shop#7 waits for you")
    parts = desk.parts(user=desk.bob.id, place=direct)
    assert "acme/shop#7 waits for you" in parts["stream"]
    assert "llmgate — Messages" in parts["heading"]
    assert ">Messages</span>" in parts["channels"]
    assert ">Messages</span>" not in desk.parts(user=desk.ann.id)["channels"]


def test_pickers_of_a_dialogue_are_the_browsers_own(desk: Desk) -> None:
    kinds = {"timepicker": {"initial_time": "09:00"}, "datepicker": {}, "users_select": {"initial_user": desk.bob.id}}
    inputs = [
        {"type": "input", "block_id": kind, "label": plain(kind), "element": {"type": kind, "action_id": "pick", **first}}
        for kind, first in kinds.items()
    ]
    view = {"type": "modal", "title": plain("Settings"), "submit": plain("Save"), "blocks": inputs}
    desk.client.views_open(trigger_id=desk.slack.triggers.issue(desk.bob.id), view=view)
    html = desk.parts(user=desk.bob.id)["dialog"]
    assert '<input id="f-timepicker" name="timepicker" type="time" value="09:00">' in html
    assert '<input id="f-datepicker" name="datepicker" type="date" value="">' in html
    assert f'<option value="{desk.bob.id}" selected>Bob</option>' in html
