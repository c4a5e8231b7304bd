"""The frame of pages: everything that is no markup is escaped, and nothing runs but what the page's policy names."""

from __future__ import annotations

import json
import re

import pytest

from bot.web.pages.shell import Button, Page, facts, joined, show, tag

EVIL = "\"'><script>alert(1)</script>&"


def body_of(page: Page) -> str:
    return bytes(show(page).body).decode()


@pytest.mark.parametrize(
    "page",
    [
        Page(EVIL, ()),
        Page("t", (tag("p", EVIL),)),
        Page("t", (tag("a", "x", href=EVIL),)),
        Page("t", (facts({EVIL: EVIL}),)),
        Page("t", (joined(EVIL),)),
        Page("t", (), onward=f"https://x.example/{EVIL}"),
        Page("t", (), script="1", data={"a": EVIL}),
    ],
)
def test_no_text_becomes_markup(page: Page) -> None:
    shown = body_of(page)
    assert "<script>alert" not in shown
    assert "\"'>" not in shown.replace("\\\"'\\u003e", "")


def test_hidden_fields_and_labels_of_buttons_are_escaped() -> None:
    shown = Button("/x?a=1&b=2", EVIL, {"word": EVIL}, "danger").html()
    assert "<script>" not in shown
    assert 'action="/x?a=1&amp;b=2"' in shown
    assert 'class="danger"' in shown


def test_data_for_a_script_reads_back_as_it_was() -> None:
    shown = body_of(Page("t", (), script="1", data={"a": EVIL, "b": "</script>"}))
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', shown)
    assert found
    assert json.loads(found[1]) == {"a": EVIL, "b": "</script>"}


def test_a_page_without_a_script_may_run_none_and_one_with_it_that_one_alone() -> None:
    without = show(Page("t", ())).headers["content-security-policy"]
    assert "script-src" not in without
    assert without.startswith("default-src 'none'")
    scripted = show(Page("t", (), script="document.title")).headers["content-security-policy"]
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'(;|$)", scripted)
    assert "unsafe" not in scripted
    assert "*" not in scripted


def test_the_cookie_is_for_this_very_host_alone() -> None:
    told = show(Page("t", ()), "token.secret", secure=True).headers["set-cookie"]
    assert told == "__Host-llmgate_visit=token.secret; HttpOnly; Max-Age=900; Path=/; SameSite=lax; Secure"
    assert "llmgate_visit=token.secret" in show(Page("t", ()), "token.secret", secure=False).headers["set-cookie"]
    assert "Secure" not in show(Page("t", ()), "token.secret", secure=False).headers["set-cookie"]
