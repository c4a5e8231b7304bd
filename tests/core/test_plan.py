"""From a verdict to actions: what is shown where, and what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.actions import (
    Action,
    PostReview,
    PublishSummary,
    SayInThread,
    SetCheck,
    SetComment,
    SetLabels,
    ShowAsk,
    ShowCard,
)
from bot.core.evaluate import evaluate
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.card import asked_people
from bot.core.notice import flat
from bot.core.plan import LABEL_APPROVED, LABEL_GENERATED, Decided, Earlier, Surfaces, Voided, plan
from bot.core.policy.model import Mode
from tests.core.build import BOB, HIGH, LOW, OLD_HEAD, SAM, approved, change, commit, facts

SHOWN = Surfaces("C1", "token")


def kinds(actions: tuple[Action, ...]) -> list[type]:
    return [type(action) for action in actions]


def planned(about: Facts, surfaces: Surfaces = SHOWN) -> tuple[Action, ...]:
    return plan(about, evaluate(about), surfaces)


def test_a_waiting_change_is_shown_on_every_surface_and_its_reviewers_are_asked() -> None:
    assert kinds(planned(facts(HIGH))) == [SetCheck, SetLabels, SetComment, ShowCard, ShowAsk, ShowAsk]


def test_without_a_chat_the_forge_is_told_alone() -> None:
    assert kinds(planned(facts(HIGH), Surfaces("", ""))) == [SetCheck, SetLabels, SetComment]


def test_a_change_without_marks_gets_a_check_and_nothing_else() -> None:
    human = facts(HIGH, commits=(commit("Add it by hand"),), documents=())
    assert kinds(planned(human)) == [SetCheck]


def test_labels_are_the_difference_between_what_is_and_what_should_be() -> None:
    about = facts(HIGH)
    label = next(action for action in planned(about) if isinstance(action, SetLabels))
    assert (label.add, label.remove) == ((LABEL_GENERATED,), ())
    borne = replace(about, change=replace(about.change, labels=(LABEL_GENERATED, LABEL_APPROVED)))
    label = next(action for action in planned(borne) if isinstance(action, SetLabels))
    assert (label.add, label.remove) == ((), (LABEL_APPROVED,))
    right = replace(about, change=replace(about.change, labels=(LABEL_GENERATED,)))
    assert SetLabels not in kinds(planned(right))


def test_an_approved_change_bears_the_label_and_asks_nobody() -> None:
    about = approved(facts(HIGH), BOB, SAM)
    actions = planned(about)
    label = next(action for action in actions if isinstance(action, SetLabels))
    assert set(label.add) == {LABEL_GENERATED, LABEL_APPROVED}
    assert ShowAsk not in kinds(actions)


@pytest.mark.parametrize(("mode", "chat"), [("observe", False), ("warn", True)])
def test_a_policy_that_does_not_enforce_leaves_the_check_neutral(mode: Mode, chat: bool) -> None:
    about = facts(HIGH)
    about = replace(about, policy=replace(about.policy, mode=mode))
    actions = planned(about)
    check = actions[0]
    assert isinstance(check, SetCheck)
    assert check.state == "neutral"
    assert (ShowCard in kinds(actions)) is chat


def test_while_something_else_is_missing_no_reviewer_is_asked() -> None:
    about = facts(HIGH, documents=())
    assert evaluate(about).state == "blocked"
    assert asked_people(evaluate(about)) == ()
    assert ShowAsk not in kinds(planned(about))


@pytest.mark.parametrize(
    ("now", "because"),
    [
        ({"change": change(draft=True)}, "; it became a draft before that."),
        ({"documents": ()}, "; something else came in the way before that."),
    ],
)
def test_an_asking_that_is_over_says_why_in_words_that_stay_true(now: dict[str, Any], because: str) -> None:
    about = facts(HIGH, **now)
    earlier = Earlier(about.change.head_sha, (PersonId("sam"),))
    (over,) = [one for one in planned(about, replace(SHOWN, earlier=earlier)) if isinstance(one, ShowAsk)]
    assert over.notice.summary == f"Sam was asked to review acme/shop#7{because}"
    assert not over.notice.controls


def test_a_draft_is_called_so_where_it_stands_in_the_way() -> None:
    card = next(one for one in planned(facts(HIGH, change=change(draft=True))) if isinstance(one, ShowCard))
    assert card.notice.summary == "High risk, waiting: draft — acme/shop#7"


def test_a_green_is_summed_up_for_others_under_one_key_whenever_it_is_looked_at() -> None:
    about = approved(facts(HIGH), BOB, SAM)
    later = replace(about, now=about.now + timedelta(hours=1))
    first, second = (next(one for one in planned(f) if isinstance(one, PublishSummary)) for f in (about, later))
    assert (first.change, first.head_sha, first.bundle) == (about.change.ref, about.change.head_sha, "")
    assert first.surface == second.surface


@pytest.mark.parametrize("mode", ["observe", "warn"])
def test_what_decides_no_merge_is_not_summed_up(mode: Mode) -> None:
    about = approved(facts(HIGH), BOB, SAM)
    assert PublishSummary not in kinds(planned(replace(about, policy=replace(about.policy, mode=mode))))
    assert PublishSummary not in kinds(planned(facts(HIGH)))


def test_where_anybody_qualified_may_decide_no_role_is_named() -> None:
    about = facts(LOW)
    ask = next(one for one in planned(about) if isinstance(one, ShowAsk))
    assert flat(ask.notice.headline).endswith(", your review is wanted on acme/shop#7.")
    decided = Decided("a1", PersonId("bob"), "approved", "")
    done = approved(about, BOB)
    (said,) = [one for one in plan(done, evaluate(done), SHOWN, (decided,)) if isinstance(one, SayInThread)]
    assert said.notice.summary == "Bob approved: acme/shop#7 may merge"


def test_a_push_ends_what_was_asked_about_the_old_head() -> None:
    about = facts(HIGH)
    earlier = Earlier(OLD_HEAD, (PersonId("bob"),))
    over = [a for a in planned(about, replace(SHOWN, earlier=earlier)) if isinstance(a, ShowAsk) and a.head_sha == OLD_HEAD]
    assert [ask.person for ask in over] == ["bob"]
    assert over[0].notice.controls == ()
    assert "a push replaced that commit" in over[0].notice.summary


def test_voided_decisions_are_said_once_by_the_head_they_were_for() -> None:
    about = facts(HIGH)
    said = plan(about, evaluate(about), SHOWN, (Voided((PersonId("bob"), PersonId("sam")), OLD_HEAD),))
    (line,) = [action for action in said if isinstance(action, SayInThread)]
    assert line.key == f"void:{OLD_HEAD}"
    assert "Bob and Sam" in flat(line.notice.headline)


def test_requested_changes_are_also_posted_on_the_forge_and_stay_text() -> None:
    about = facts(HIGH)
    news = Decided("a1", PersonId("bob"), "changes-requested", "Mind @everyone <script>")
    said = plan(about, evaluate(about), SHOWN, (news,))
    (review,) = [action for action in said if isinstance(action, PostReview)]
    assert "@everyone" not in review.body
    assert "<script>" not in review.body
    assert review.key == "a1"


def test_a_change_that_ended_keeps_its_card_without_controls_and_no_check_moves() -> None:
    about = facts(HIGH, change=change(state="merged"))
    earlier = Earlier(about.change.head_sha, (PersonId("bob"),))
    actions = planned(about, Surfaces("C1", "", earlier, carded=True))
    assert kinds(actions) == [ShowCard, ShowAsk]
    card = actions[0]
    assert isinstance(card, ShowCard)
    assert card.notice.controls == card.notice.more == ()
    assert planned(about, Surfaces("C1", "", None, carded=False)) == ()


def test_the_same_facts_plan_the_same_actions() -> None:
    assert planned(facts(HIGH)) == planned(facts(HIGH))


def test_the_comment_does_not_move_with_a_push_that_changes_nothing_else() -> None:
    about = facts(HIGH)
    later = replace(about, change=replace(about.change, head_sha=OLD_HEAD))
    comments = [next(a for a in planned(f) if isinstance(a, SetComment)).body for f in (about, later)]
    assert comments[0] == comments[1]
