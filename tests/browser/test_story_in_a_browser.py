"""The main job as a person sees it: clicked through in a real browser, on the page that `llmgate demo` opens."""

from __future__ import annotations

from tests.browser.desk import Desk

CARD = "#stream .message"
PRIVATE = ".message.private"
CHECK = "#change .check"
WAITING = {"acme/shop#1": "In progress", "acme/web/shop!1": "Waiting for people"}
"""On the check: GitLab cannot change the words of a status that waits, so they say no more than that."""


def approve(desk: Desk, name: str) -> None:
    desk.be(name)
    desk.press("Review & approve")
    assert desk.tick() == 6
    desk.send()
    desk.gone("#dialog form")


def test_two_people_click_a_change_green_and_a_push_closes_it_again(desk: Desk) -> None:
    card = desk.sees("waiting for security and a code owner", CARD)
    assert "○ security: asked Sue" in card
    assert "✓ Tests: 12 of 12 tests passed" in card
    desk.can_merge(False)

    desk.be("Ann")
    desk.press("Review & approve")
    assert f"You may not decide about {desk.change}" in desk.sees("Only visible to you", PRIVATE)

    desk.be("Bob")
    desk.press("Review & approve")
    desk.tick(leave_open=1)
    desk.send()
    assert "Tests that are flaky here are known" in desk.sees("Confirm, or cancel", "#dialog .error")
    desk.tick()
    desk.write("Reads well; the lock is tested", "#dialog textarea")
    desk.send()
    desk.gone("#dialog form")
    assert "✓ code owner: approved by Bob" in desk.sees("waiting for security —", CARD)
    desk.can_merge(False)

    approve(desk, "Sue")
    desk.can_merge(True)
    assert "approved by Sue and Bob" in desk.sees("Successful", CHECK)
    desk.sees("LLM Review: approved", "#change .labels *")
    desk.sees("llm-generated", "#change .labels *")

    desk.press("Push a commit", "#change button")
    desk.can_merge(False)
    desk.open_thread()
    assert "decisions of Bob and Sue" in desk.sees("A push voided", "#thread .message")
    desk.sees("waits", "#change")
    assert "llmgate" in desk.sees(WAITING[desk.change], CHECK)


def test_requested_changes_close_the_merge_and_are_shown_with_their_reason(desk: Desk) -> None:
    desk.be("Bob")
    desk.press("Request changes")
    desk.write("no", "#dialog textarea")
    desk.send()
    assert "at least 10 characters" in desk.sees("Error", "#dialog .error")
    desk.write("Locks must be kept per account", "#dialog textarea")
    desk.send()
    desk.gone("#dialog form")
    assert "Locks must be kept per account" in desk.sees("blocked: changes requested", CARD)
    desk.sees("required", CHECK)
    desk.sees("blocked: changes requested", CHECK)
    desk.can_merge(False)


def test_questions_are_answered_on_the_page_and_words_approve_nothing(desk: Desk) -> None:
    desk.be("Bob")
    desk.sees("waiting for security and a code owner", CARD)
    desk.say("/llmgate status 1")
    assert "asked Bob" in desk.sees("Judged", PRIVATE)
    desk.say("/llmgate why 1")
    assert "authentication" in desk.sees("Why high risk", PRIVATE)
    desk.open_thread()
    desk.say("@llmgate lgtm", "#reply")
    assert "Review & approve" in desk.sees("Words approve nothing", f"#thread {PRIVATE}")
    desk.press("App home", "#channels a")
    assert "Add password login" in desk.sees("1 waiting for you", "#stream .home")
    desk.can_merge(False)
