"""Values come back as they were, whatever bytes and texts strangers put into them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from bot.core.events import DecisionGiven, Event, HomeOpened, SweepDue
from bot.core.hours.calendar import Calendar, Hours
from bot.core.ids import ChatUser
from bot.core.notice import Code, Link, Mention, Moment, Notice, Plain, Section, Strong
from bot.core.provenance.model import RawDocument
from bot.core.verdict import Finding
from bot.ports.forge import HeadFacts
from bot.ports.store import Codec
from storage import codec
from tests.storage.material import SHA, card, touched


def test_every_kind_of_span_comes_back_as_itself() -> None:
    spans = (
        Plain("a"),
        Strong("a"),
        Code("a"),
        Link("https://a.example", "a"),
        Mention(ChatUser("T", "U"), "a"),
        Mention(None, "a"),
        Moment(datetime(2026, 3, 3, tzinfo=UTC)),
    )
    notice = Notice("s", "good", spans, (Section((spans, spans)),))
    assert codec.load(Notice, codec.dump(notice)) == notice


@pytest.mark.parametrize("event", [touched(), DecisionGiven("t", ChatUser("T", "U"), "approved", ("a",)), SweepDue()])
def test_events_come_back(event: Event) -> None:
    assert codec.load(type(event), codec.dump(event)) == event


def test_the_members_of_a_named_union_come_back_as_themselves() -> None:
    home = HomeOpened(ChatUser("T", "U"))
    assert codec.load_as(tuple[Event, ...], codec.dump_as(tuple[Event, ...], (home, touched(), SweepDue()))) == (
        home,
        touched(),
        SweepDue(),
    )


def test_findings_nest() -> None:
    finding = Finding("a", "A", "block", "saw", children=(Finding("b", "B", "wait", "saw"),))
    assert codec.load(Finding, codec.dump(finding)) == finding


def test_bytes_that_are_no_text_come_back() -> None:
    head = HeadFacts(SHA, SHA, None, "", (), (), (RawDocument("p", bytes(range(256))),), ())
    assert codec.load(HeadFacts, codec.dump(head)) == head


def test_control_characters_come_back_and_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert codec.load(type(touched()), codec.dump(touched("a\x00\x1b\u202eb"))) == touched("a\x00\x1b\u202eb")
    assert codec.load(type(touched()), codec.dump(touched("a\ud800b"))) == touched("a?b")


def test_equal_values_have_equal_bytes() -> None:
    assert codec.dump(card("same")) == codec.dump(card("same"))
    assert codec.dump(card("same")) != codec.dump(card("other"))


def test_keys_of_a_newer_release_are_ignored_and_missing_ones_take_their_default() -> None:
    assert codec.load(ChatUser, b'{"team":"T","id":"U","later":1}') == ChatUser("T", "U")
    assert codec.load(Finding, b'{"rule":"a","title":"A","outcome":"pass","saw":"s"}') == Finding("a", "A", "pass", "s")


def test_a_head_that_an_earlier_release_kept_can_still_be_read() -> None:
    head = HeadFacts(SHA, SHA, None, "", (), (), (), (), attached="job 7")
    assert codec.load(HeadFacts, codec.dump(head)) == head
    before = json.loads(codec.dump(head))
    del before["attached"]
    assert codec.load(HeadFacts, json.dumps(before).encode()).attached == ""


def test_an_error_names_the_place_and_never_the_content() -> None:
    with pytest.raises(ValueError, match="ChatUser cannot be read: at id") as caught:
        codec.load(ChatUser, b'{"team":"T","id":{"prompt":"hush"}}')
    assert "hush" not in str(caught.value)


def test_the_module_is_the_codec_that_handlers_ask_for() -> None:
    given: Codec = codec
    assert given.load(ChatUser, given.dump(ChatUser("T", "U"))) == ChatUser("T", "U")


def test_a_set_is_written_in_order_whatever_order_it_has_in_memory() -> None:
    days = [date(2026, month, day) for month in (1, 5, 12) for day in range(1, 29)]
    written = codec.dump(Calendar(Hours("UTC"), frozenset(days)))
    assert json.loads(written)["holidays"] == [day.isoformat() for day in days]
    assert codec.load(Calendar, written) == Calendar(Hours("UTC"), frozenset(days))
