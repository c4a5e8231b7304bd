"""Connections, tokens and pages: what a call costs, and what threads share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import BaseModel

from bot.ports.answers import listed, settle
from bot.ports.errors import Unavailable
from integrations.github.client import AppCredentials, Endpoint, Sessions
from integrations.sandbox.github.auth import private_key
from tests.integrations.github.wire import DATE, SIGNED_IN, Wire, reply

Start = Callable[..., tuple[Sessions, Wire]]


class Item(BaseModel):
    n: int


ITEMS = listed(Item)


@pytest.fixture
def start() -> Iterator[Start]:
    open_: list[tuple[Sessions, Wire]] = []

    def begin(*answers: bytes) -> tuple[Sessions, Wire]:
        wire = Wire(answers)
        sessions = Sessions(AppCredentials(9001, private_key()), Endpoint(wire.url))
        open_.append((sessions, wire))
        return sessions, wire

    yield begin
    for sessions, wire in open_:
        sessions.close()
        wire.close()


def page(*numbers: int, link: str = "") -> bytes:
    return reply("200 OK", [{"n": number} for number in numbers], *([f"Link: {link}"] if link else []))


def test_calls_of_different_threads_share_one_warm_connection_and_one_token(start: Start) -> None:
    sessions, wire = start(SIGNED_IN, *[page(1)] * 10)
    session = sessions.installation(1)
    for _ in range(10):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(session.send, "GET", "/x").result()
    assert wire.connections == 1
    assert len([call for call in wire.asked if call.startswith("POST")]) == 1


def test_threads_that_all_find_no_token_ask_for_one(start: Start) -> None:
    sessions, wire = start(SIGNED_IN, *[page(1)] * 8)
    session = sessions.installation(1)
    settle([session.submit(session.send, "GET", "/x") for _ in range(8)])
    assert sorted(wire.asked) == ["GET /x"] * 8 + ["POST /app/installations/1/access_tokens"]


def test_a_token_is_renewed_before_it_ends_by_githubs_own_clock(start: Start) -> None:
    soon = reply("201 Created", {"token": "ghs_short", "expires_at": "2026-03-03T09:01:30.000Z"})
    sessions, wire = start(soon, page(1), SIGNED_IN, page(2))
    session = sessions.installation(1)
    session.send("GET", "/x")
    session.send("GET", "/x")
    assert wire.asked == ["POST /app/installations/1/access_tokens", "GET /x"] * 2
    assert DATE == "Tue, 03 Mar 2026 09:00:00 GMT"


def test_a_revoked_token_is_replaced_without_anybody_noticing(start: Start) -> None:
    sessions, wire = start(SIGNED_IN, reply("401 Unauthorized", {"message": "Bad credentials"}), SIGNED_IN, page(7))
    assert sessions.installation(1).pages("/x", ITEMS).items == [Item(n=7)]
    assert len(wire.asked) == 4


def test_two_installations_have_a_token_each_and_the_app_its_own(start: Start) -> None:
    other = reply("201 Created", {"token": "ghs_other", "expires_at": "2026-03-03T10:00:00Z"})
    sessions, wire = start(SIGNED_IN, page(1), other, page(2), page(3))
    sessions.installation(1).send("GET", "/one")
    sessions.installation(2).send("GET", "/two")
    sessions.app().send("GET", "/app")
    sent = [
        head.split("authorization: ")[1].splitlines()[0]
        for head in (h.replace("Authorization", "authorization") for h in wire.heads)
    ]
    assert sent[1] == "token ghs_0123456789abcdefABCDEF"
    assert sent[3] == "token ghs_other"
    assert all(sent[n].startswith("Bearer eyJ") for n in (0, 2, 4))


def test_pages_after_the_first_are_asked_for_together(start: Start) -> None:
    link = (
        '<https://api.github.com/x?per_page=100&page=2>; rel="next", <https://api.github.com/x?per_page=100&page=3>; rel="last"'
    )
    sessions, wire = start(SIGNED_IN, page(1, link=link), page(2), page(2))
    found = sessions.installation(1).pages("/x", ITEMS)
    assert [item.n for item in found.items] == [1, 2, 2]
    assert found.calls == 3
    assert sorted(wire.asked[2:]) == ["GET /x?per_page=100&page=2", "GET /x?per_page=100&page=3"]


def test_pages_by_cursor_are_followed_and_never_to_another_host(start: Start) -> None:
    link = '<https://evil.example/steal?cursor=v1_abc&per_page=100>; rel="next"'
    sessions, wire = start(SIGNED_IN, page(1, link=link), page(2))
    found = sessions.installation(1).pages("/x", ITEMS, {"state": "open"})
    assert [item.n for item in found.items] == [1, 2]
    assert wire.asked[2] == "GET /x?per_page=100&state=open&cursor=v1_abc"


def test_a_failing_page_fails_the_list_after_the_others_came_in(start: Start) -> None:
    link = '<https://api.github.com/x?page=2>; rel="next", <https://api.github.com/x?page=4>; rel="last"'
    sessions, wire = start(SIGNED_IN, page(1, link=link), reply("502 Bad Gateway"), page(3), page(4))
    with pytest.raises(Unavailable):
        sessions.installation(1).pages("/x", ITEMS)
    assert len(wire.asked) == 5


def test_an_answer_of_another_form_names_the_field_and_not_its_content(start: Start) -> None:
    sessions, _ = start(SIGNED_IN, reply("200 OK", [{"n": "ghs_secret_secret"}]))
    with pytest.raises(Unavailable, match=r"at 0\.n, Input should be a valid integer") as caught:
        sessions.installation(1).pages("/x", ITEMS)
    assert "ghs_secret" not in str(caught.value)


def test_signing_in_does_not_load_githubs_generated_schemas(start: Start) -> None:
    sessions, _ = start(SIGNED_IN, page(1))
    before = {name for name in sys.modules if name.startswith("githubkit_schemas")}
    sessions.installation(1).send("GET", "/x")
    assert {name for name in sys.modules if name.startswith("githubkit_schemas")} == before
