"""Connections, pages, conditions and redirects: what a call costs, what threads share, and where the token never goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import BaseModel

from bot.ports.answers import listed, settle
from bot.ports.errors import Refused, Unavailable
from integrations.gitlab.client import Client, Credentials, Endpoint
from tests.integrations.github.wire import Wire, reply

TOKEN = "glpat-0123456789abcdefABCD"
JSON = "Content-Type: application/json"
Start = Callable[..., tuple[Client, Wire]]


class Item(BaseModel):
    n: int


ITEMS = listed(Item)


@pytest.fixture
def start() -> Iterator[Start]:
    open_: list[tuple[Client, Wire]] = []

    def begin(*answers: bytes | None, timeout_s: float = 15.0) -> tuple[Client, Wire]:
        wire = Wire(answers)
        client = Client(Credentials(TOKEN), Endpoint(wire.url, timeout_s=timeout_s))
        open_.append((client, wire))
        return client, wire

    yield begin
    for client, wire in open_:
        client.close()
        wire.close()


def page(*numbers: int, headers: tuple[str, ...] = ()) -> bytes:
    return reply("200 OK", [{"n": number} for number in numbers], JSON, *headers)


def test_calls_of_different_threads_share_one_warm_connection(start: Start) -> None:
    client, wire = start(*[page(1)] * 10)
    for _ in range(10):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(client.send, "GET", "/x").result()
    assert wire.connections == 1
    assert f"PRIVATE-TOKEN: {TOKEN}" in wire.heads[0]
    assert "User-Agent: llmgate" in wire.heads[0]


def test_no_netrc_and_no_cookie_goes_along(start: Start, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write("machine 127.0.0.1 login ann password hunter2\n")
    monkeypatch.setenv("NETRC", netrc)
    client, wire = start(reply("200 OK", [], JSON, "Set-Cookie: _gitlab_session=abc; path=/"), page(1))
    client.send("GET", "/x")
    client.send("GET", "/x")
    assert not any("authorization" in head.lower() or "cookie" in head.lower() for head in wire.heads)


def test_pages_after_the_first_are_asked_for_together_where_their_number_is_told(start: Start) -> None:
    client, wire = start(page(1, headers=("X-Total-Pages: 3", "X-Next-Page: 2")), page(2), page(2))
    found = client.pages("/x", ITEMS)
    assert ([item.n for item in found.items], found.calls) == ([1, 2, 2], 3)
    assert sorted(wire.asked) == [
        "GET /api/v4/x?per_page=100",
        "GET /api/v4/x?per_page=100&page=2",
        "GET /api/v4/x?per_page=100&page=3",
    ]


def test_pages_without_a_total_are_followed_one_by_one(start: Start) -> None:
    client, wire = start(page(1, headers=("X-Next-Page: 2",)), page(2, headers=("X-Next-Page: ",)))
    assert [item.n for item in client.pages("/x", ITEMS).items] == [1, 2]
    assert wire.asked[1] == "GET /api/v4/x?per_page=100&page=2"


def test_a_keyset_is_followed_by_its_query_and_never_to_another_host(start: Start) -> None:
    link = 'Link: <https://evil.example/api/v4/x?id_after=42&per_page=100>; rel="next"'
    client, wire = start(page(1, headers=(link,)), page(2))
    found = client.pages("/x", ITEMS, {"pagination": "keyset", "user_ids[]": [7, 8]})
    assert [item.n for item in found.items] == [1, 2]
    assert wire.asked[1] == "GET /api/v4/x?per_page=100&pagination=keyset&user_ids%5B%5D=7&user_ids%5B%5D=8&id_after=42"


def test_a_failing_page_fails_the_list_after_the_others_came_in(start: Start) -> None:
    first = page(1, headers=("X-Total-Pages: 4", "X-Next-Page: 2"))
    client, wire = start(first, reply("502 Bad Gateway"), page(3), page(4))
    with pytest.raises(Unavailable):
        client.pages("/x", ITEMS)
    assert len(wire.asked) == 4


def test_a_list_that_did_not_change_is_not_sent_again(start: Start) -> None:
    client, wire = start(page(1, 2, headers=('ETag: W/"abc"',)), reply("304 Not Modified", b"", 'ETag: W/"abc"'), page(3))
    asked = [[item.n for item in client.pages("/x", ITEMS, kept=True).items] for _ in range(3)]
    assert asked == [[1, 2], [1, 2], [3]]
    assert ["If-None-Match" in head for head in wire.heads] == [False, True, True]


def test_no_more_is_kept_of_lists_than_there_is_room_for(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.gitlab.client.KEPT_BYTES", 12)
    etag = ('ETag: W/"abc"',)
    client, wire = start(page(1, headers=etag), page(2, headers=etag), page(1, headers=etag), page(3, 4, 5, headers=etag))
    for path in ("/a", "/b", "/a", "/c"):
        client.pages(path, ITEMS, kept=True)
    assert not any("If-None-Match" in head for head in wire.heads)


def test_a_list_asked_for_otherwise_is_another_list(start: Start) -> None:
    client, wire = start(page(1, headers=('ETag: W/"abc"',)), page(2))
    client.pages("/x", ITEMS, {"state": "opened"}, kept=True)
    client.pages("/x", ITEMS, {"state": "closed"}, kept=True)
    assert not any("If-None-Match" in head for head in wire.heads)


def test_a_query_goes_to_graphql_with_its_variables(start: Start) -> None:
    client, wire = start(reply("200 OK", {"data": {"project": None}}, JSON))
    assert client.graph("query { project }", {"n": 1}) == ({"project": None}, ())
    assert wire.asked == ["POST /api/graphql"]


def test_problems_of_a_query_are_told_beside_what_came(start: Start) -> None:
    error = {"message": "Timeout on Project.x for glpat-0123456789abcdefABCD", "path": ["project", 0]}
    client, _ = start(reply("200 OK", {"data": {"project": {}}, "errors": [error]}, JSON))
    _, [problem] = client.graph("query { project }", {})
    assert (problem.path, problem.message) == (("project", "0"), "Timeout on Project.x for [secret]")


def test_a_query_that_brought_nothing_raises_with_gitlabs_words(start: Start) -> None:
    error = {"message": "Query has complexity of 300, which exceeds max complexity of 250"}
    client, _ = start(reply("200 OK", {"errors": [error]}, JSON))
    with pytest.raises(Unavailable, match="complexity of 300"):
        client.graph("query { project }", {})


def test_bytes_are_read_up_to_a_limit_and_no_further(start: Start) -> None:
    client, _ = start(reply("200 OK", b"x" * 10), reply("200 OK", b"x" * 11))
    assert client.raw("/a", 10) == b"x" * 10
    assert client.raw("/b", 10) is None


def test_a_redirect_to_another_host_goes_without_the_token(start: Start) -> None:
    _, elsewhere = start(reply("200 OK", b"stored"))
    client, wire = start(reply("302 Found", b"", f"Location: {elsewhere.url.replace('127.0.0.1', 'localhost')}/bucket/file"))
    assert client.raw("/a", 100) == b"stored"
    assert TOKEN in wire.heads[0]
    assert TOKEN not in elsewhere.heads[0]


def test_a_write_is_not_sent_elsewhere_but_refused_with_the_address(start: Start) -> None:
    client, wire = start(reply("301 Moved Permanently", b"", "Location: https://gitlab.example/api/v4/x?private_token=abc"))
    with pytest.raises(Refused, match=r"sending it to https://gitlab.example/api/v4/x; wanted") as caught:
        client.send("POST", "/x", {})
    assert len(wire.asked) == 1
    assert "private_token" not in str(caught.value)


def test_an_answer_of_another_form_names_the_field_and_not_its_content(start: Start) -> None:
    client, _ = start(reply("200 OK", [{"n": "glpat-secretsecret"}], JSON))
    with pytest.raises(Unavailable, match=r"at 0\.n, Input should be a valid integer") as caught:
        client.pages("/x", ITEMS)
    assert "secretsecret" not in str(caught.value)


def test_the_page_of_a_proxy_is_no_answer(start: Start) -> None:
    client, _ = start(reply("200 OK", b"<html>Sign in</html>", "Content-Type: text/html"))
    with pytest.raises(Unavailable, match="could not be read"):
        client.pages("/x", ITEMS)


def test_a_server_that_says_nothing_is_given_up(start: Start) -> None:
    client, _ = start(None, timeout_s=0.05)
    with pytest.raises(Unavailable, match="did not answer GET /x in time"):
        client.send("GET", "/x")


def test_calls_beside_each_other_settle_in_order(start: Start) -> None:
    client, _ = start()
    assert settle([client.submit(lambda n: n * 2, n) for n in range(5)]) == [0, 2, 4, 6, 8]


def test_the_token_is_in_no_repr() -> None:
    assert TOKEN not in repr(Credentials(TOKEN))
