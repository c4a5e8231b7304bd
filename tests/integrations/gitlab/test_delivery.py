"""Labels, notes and threads on GitLab: shown once, edited in place, made anew when gone, never doubled after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.actions import PostReview, SetComment, SetLabels
from bot.ports.errors import Conflict, Unavailable
from bot.ports.forge import IN_DOUBT
from integrations.gitlab.surfaces import RESOLVES, STICKY
from integrations.sandbox.gitlab.people import Access
from tests.integrations.gitlab.desk import SHOP, Desk, open_desk

NOTES = "POST /projects/*/merge_requests/1/notes"
THREADS = "POST /projects/*/merge_requests/1/discussions"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as opened:
        yield opened


# labels


def test_labels_are_made_with_their_meaning_and_put_on_with_one_call(desk: Desk) -> None:
    deliverer = desk.deliverer()
    on = SetLabels(desk.ref, ("llm-generated", "LLM Review: approved"), ())
    assert deliverer.deliver(desk.client, on, None) == "labels"
    assert sorted(desk.gitlab.labels(SHOP, 1)) == ["LLM Review: approved", "llm-generated"]
    made = desk.gitlab.world.project(SHOP).labels["llm-generated"]
    assert (made.color.lower(), bool(made.description)) == ("#5319e7", True)
    desk.asked()
    off = SetLabels(desk.ref, ("llm-generated",), ("LLM Review: approved",))
    deliverer.deliver(desk.client, off, "labels")
    assert desk.asked() == ["PUT /merge_requests/1"]
    assert deliverer.deliver(desk.client, off, "labels") == "labels", "what is off already is fine"
    assert desk.gitlab.labels(SHOP, 1) == ["llm-generated"]


def test_labels_of_people_are_left_alone(desk: Desk) -> None:
    desk.gitlab.label(SHOP, 1, "urgent", by="bo")
    desk.deliver(SetLabels(desk.ref, ("llm-generated",), ("LLM Review: approved",)))
    assert sorted(desk.gitlab.labels(SHOP, 1)) == ["llm-generated", "urgent"]


def test_a_label_that_is_there_keeps_the_looks_it_was_given(desk: Desk) -> None:
    desk.gitlab.label(SHOP, 1, "llm-generated", by="bo")
    look = desk.gitlab.world.project(SHOP).labels["llm-generated"].color
    desk.deliver(SetLabels(desk.ref, ("llm-generated",), ()))
    assert desk.gitlab.world.project(SHOP).labels["llm-generated"].color == look


def test_nothing_to_change_asks_nothing(desk: Desk) -> None:
    desk.asked()
    desk.deliver(SetLabels(desk.ref, (), ()))
    assert desk.asked() == []


# the sticky note


def bodies(desk: Desk) -> list[str]:
    return [note.body for note in desk.gitlab.notes(SHOP, 1)]


def test_there_is_one_sticky_note_however_often_it_is_told(desk: Desk) -> None:
    made = desk.deliver(SetComment(desk.ref, "first", "details"))
    assert desk.deliver(SetComment(desk.ref, "second"), made) == made
    assert desk.deliver(SetComment(desk.ref, "third")) == made
    assert desk.deliver(SetComment(desk.ref, "fourth"), IN_DOUBT) == made
    assert bodies(desk) == [f"fourth\n\n{STICKY}"]


def test_a_note_that_is_known_is_edited_with_one_call(desk: Desk) -> None:
    made = desk.deliver(SetComment(desk.ref, "first"))
    desk.asked()
    desk.deliver(SetComment(desk.ref, "second"), made)
    assert desk.asked() == [f"PUT /merge_requests/1/notes/{made}"]


def test_a_note_whose_answer_was_lost_is_not_doubled(desk: Desk) -> None:
    desk.gitlab.fail_next(NOTES, 502, after=True)
    with pytest.raises(Unavailable):
        desk.deliver(SetComment(desk.ref, "first"))
    desk.deliver(SetComment(desk.ref, "first"), IN_DOUBT)
    assert len(bodies(desk)) == 1


def test_a_deleted_note_is_written_again_and_a_persons_copy_is_not_taken_for_it(desk: Desk) -> None:
    made = desk.deliver(SetComment(desk.ref, "first"))
    desk.gitlab.comment(SHOP, 1, f"first\n\n{STICKY}", by="ann")
    desk.gitlab.grant(SHOP, "bo", Access.MAINTAINER)
    desk.gitlab.delete_comment(SHOP, 1, int(made), by="bo")
    anew = desk.deliver(SetComment(desk.ref, "second"), made)
    assert anew != made
    assert [body.splitlines()[0] for body in bodies(desk)] == ["first", "second"]


def test_a_note_that_was_rewritten_mark_and_all_is_written_over(desk: Desk) -> None:
    made = desk.deliver(SetComment(desk.ref, "first"))
    desk.deliver(PostReview(desk.ref, desk.head, "Please split this.", "d41"))
    desk.gitlab.grant(SHOP, "bo", Access.MAINTAINER)
    desk.gitlab.edit_comment(SHOP, 1, int(made), "Approved by everybody", by="bo")
    assert desk.deliver(SetComment(desk.ref, "second")) == made
    assert [body.splitlines()[0] for body in bodies(desk)] == ["second", "Please split this."]


def test_the_note_is_found_behind_a_hundred_others(desk: Desk) -> None:
    for number in range(101):
        desk.gitlab.comment(SHOP, 1, f"chat {number}", by="ann")
    made = desk.deliver(SetComment(desk.ref, "first"))
    assert desk.deliver(SetComment(desk.ref, "second"), IN_DOUBT) == made
    assert len(bodies(desk)) == 102


def test_no_note_of_ours_is_carried_out_as_a_command(desk: Desk) -> None:
    desk.deliver(SetComment(desk.ref, "/close", "/label ~urgent"))
    desk.deliver(PostReview(desk.ref, desk.head, "/close\r\n/approve", "d41"))
    change = desk.gitlab.change(SHOP, 1)
    assert (change.state, change.labels, change.approvals) == ("opened", [], [])
    assert "\\/close" in bodies(desk)[0]


# a request for changes


def test_a_request_for_changes_is_a_thread_said_once_that_people_resolve(desk: Desk) -> None:
    action = PostReview(desk.ref, desk.head, "Please split this.", "d41")
    desk.gitlab.fail_next(THREADS, 502, after=True)
    with pytest.raises(Unavailable):
        desk.deliver(action)
    made = desk.deliver(action, IN_DOUBT)
    assert desk.deliver(action, made) == made
    (thread,) = desk.gitlab.notes(SHOP, 1)
    assert (thread.discussion, thread.resolvable, thread.resolved) == (made, True, False)
    assert thread.body.startswith(f"Please split this.\n\n{RESOLVES}\n\n<!-- llmgate: review d41")


def test_another_request_is_another_thread(desk: Desk) -> None:
    first = desk.deliver(PostReview(desk.ref, desk.head, "Please split this.", "d41"))
    second = desk.deliver(PostReview(desk.ref, desk.head, "And this.", "d42"), IN_DOUBT)
    assert first != second
    assert len(bodies(desk)) == 2


def test_a_persons_copy_of_the_mark_is_not_taken_for_the_thread(desk: Desk) -> None:
    desk.gitlab.discuss(SHOP, 1, "<!-- llmgate: review d41 -->", by="ann")
    desk.deliver(PostReview(desk.ref, desk.head, "Please split this.", "d41"), IN_DOUBT)
    assert len(bodies(desk)) == 2


def test_a_merge_request_that_cannot_be_written_now_is_left_to_the_caller(desk: Desk) -> None:
    desk.gitlab.fail_next("PUT /projects/*/merge_requests/1", 409)
    with pytest.raises(Conflict):
        desk.deliver(SetLabels(desk.ref, ("llm-generated",), ()))
