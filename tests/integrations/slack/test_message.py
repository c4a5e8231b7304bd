"""What people read: a card, an ask, a whisper; and what happens to one that is too long."""

from __future__ import annotations

import json

from bot.core.ids import ChatUser
from bot.core.notice import Code, Control, Link, Mention, Notice, Section, Strong, text
from integrations.sandbox.slack.kit import check_message
from integrations.slack.blocks.message import CARD_BLOCKS, CARD_CHARACTERS, message
from tests.integrations.slack.reading import read, written

SUMMARY = "Medium risk: 1 code owner has yet to approve — acme/shop#12"
CARD = Notice(
    SUMMARY,
    "waiting",
    text(SUMMARY),
    sections=(
        Section((text(Link("https://github.com/acme/shop/pull/12", "acme/shop#12"), " ", Strong("Retry payments")),)),
        Section((text("claude-sonnet 4.5"), text("signed")), heading="Provenance"),
        Section((text("line coverage 92 % (46 of 50)"), text("mutation 81 % (13 of 16)")), heading="Tests"),
        Section(
            (text(Strong("Coverage"), ": saw 70 %"), text(Strong("Licence"), ": GPL-3.0")), heading="Missing", bullets=True
        ),
    ),
    controls=(
        Control("review", "Review & approve", "tok", style="primary", described="Review and approve acme/shop#12"),
        Control("request-changes", "Request changes", "tok", described="Request changes on acme/shop#12"),
    ),
    more=(
        Control("status", "What is missing?", "tok"),
        Control("open", "Open the change", url="https://github.com/acme/shop/pull/12"),
    ),
    footnote=text("Commit ", Code("1a2b3c4d5e6f")),
)


def test_a_card_reads_from_top_to_bottom() -> None:
    said, blocks = message(CARD, "card:1")
    assert said == SUMMARY
    assert read(blocks) == [
        "# ○ Medium risk: 1 code owner has yet to approve — acme/shop#12",
        "<https://github.com/acme/shop/pull/12|acme/shop#12> *Retry payments*",
        "*Provenance*\nclaude-sonnet 4.5\nsigned || *Tests*\nline coverage 92 % (46 of 50)\nmutation 81 % (13 of 16)",
        "*Missing*\n•  *Coverage*: saw 70 %\n•  *Licence*: GPL-3.0",
        "[Review & approve] [Request changes] [⋯ What is missing?, Open the change]",
        "~ Commit `1a2b3c4d5e6f`",
    ]


def test_an_ask_is_one_line_that_names_the_person() -> None:
    ask = Notice(
        "Your review is wanted on acme/shop#12",
        "waiting",
        text(Mention(ChatUser("T1", "U024BE7LH"), "Maya"), ", your review as code owner is wanted on acme/shop#12."),
        controls=CARD.controls,
        footnote=text("Only your own press counts."),
    )
    assert read(message(ask, "ask:1")[1]) == [
        "○ <@U024BE7LH>, your review as code owner is wanted on acme/shop#12.",
        "[Review & approve] [Request changes]",
        "~ Only your own press counts.",
    ]


def test_a_refusal_is_a_line_and_its_cure() -> None:
    no = Notice("You wrote this change", "bad", text("You wrote this change"), (Section((text("Who can: Noor."),)),))
    assert read(message(no, "k")[1]) == ["✗ You wrote this change", "Who can: Noor."]


def test_a_neutral_line_carries_no_mark() -> None:
    assert read(message(Notice("Maya approved", "neutral", text("Maya approved")), "k")[1]) == ["Maya approved"]


def test_each_revision_has_its_own_block_ids_and_the_same_revision_the_same() -> None:
    first, again, second = (message(CARD, key)[1] for key in ("card:1", "card:1", "card:2"))
    ids = [{block["block_id"] for block in blocks} for blocks in (first, again, second)]
    assert ids[0] == ids[1]
    assert not ids[0] & ids[2]


def test_screen_readers_hear_which_change_a_button_concerns() -> None:
    button = message(CARD, "k")[1][-2]["elements"]
    assert isinstance(button, list)
    assert button[0]["accessibility_label"] == "Review and approve acme/shop#12"


def test_a_title_that_shouts_is_quiet_in_every_part() -> None:
    shout = "<!channel> <@U024BE7LH> :tada: *x*"
    notice = Notice(shout, "bad", text(shout), (Section((text(shout),), heading=shout),), footnote=text(shout))
    said, blocks = message(notice, "k")
    marked = [piece for kind, piece in written(blocks) if kind == "mrkdwn"]
    assert len(marked) == 3
    assert all("<" not in piece and ":tada:" not in piece for piece in (said, *marked))


def test_what_does_not_fit_is_counted() -> None:
    lines = tuple(text(f"finding {number}: " + "x" * 100) for number in range(200))
    many = Notice(
        "Too much", "bad", text("Too much"), tuple(Section(lines, heading=f"Part {n}", bullets=True) for n in range(9))
    )
    blocks = check_message(message(many, "k")[1])
    shown = read(blocks)
    assert len(blocks) <= CARD_BLOCKS
    assert sum(len(piece) for _, piece in written(blocks)) <= CARD_CHARACTERS
    kept = shown[1].count("•")
    assert shown[1].endswith(f"… and {200 - kept} more, see the check.")
    parts = sum(1 for piece in shown if piece.startswith("*Part"))
    assert shown[-1] == f"~ … and {9 - parts} more sections, see the check."


def test_twenty_blocks_are_enough_for_fifty_sections() -> None:
    many = Notice("Many", "bad", text("Many"), tuple(Section((text(f"line {n}"),)) for n in range(50)), CARD.controls)
    blocks = check_message(message(many, "k")[1])
    assert len(blocks) <= CARD_BLOCKS
    assert read(blocks)[-2] == f"~ … and {50 - (len(blocks) - 3)} more sections, see the check."


def test_a_summary_too_long_for_a_header_is_a_line_and_is_cut_openly() -> None:
    long = Notice("y" * 2000, "bad", (), (Section((text("z"),)),))
    said, blocks = message(long, "k")
    assert said == "y" * 599 + "…"
    assert read(blocks)[0] == f"✗ {said}"


def test_the_payload_is_json_for_any_key() -> None:
    assert json.dumps(message(CARD, "clé:\u202e1")[1])
