"""Every way GitHub may fail, as the port's errors: the right kind, words that help, and never a token."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from bot.ports.errors import Conflict, RateLimited, Refused, Unavailable, Vanished, WorldError
from integrations.github.client import AppCredentials, Endpoint, Sessions
from integrations.github.failures import quoted
from integrations.sandbox.github.auth import private_key
from tests.integrations.github.wire import SIGNED_IN, TOKEN, Wire, reply

PATH = "/repos/acme/shop"
Start = Callable[..., tuple[Sessions, Wire]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Sessions against a wire with this script; the sign-in comes first."""
    open_: list[tuple[Sessions, Wire]] = []

    def begin(*answers: bytes | None, signed_in: bool = True, timeout_s: float = 15.0) -> tuple[Sessions, Wire]:
        wire = Wire([SIGNED_IN, *answers] if signed_in else answers)
        sessions = Sessions(AppCredentials(9001, private_key()), Endpoint(wire.url, timeout_s))
        open_.append((sessions, wire))
        return sessions, wire

    yield begin
    for sessions, wire in open_:
        sessions.close()
        wire.close()


def failure(sessions: Sessions, method: str = "GET") -> WorldError:
    with pytest.raises(WorldError) as caught:
        sessions.installation(1).send(method, PATH)
    said = str(caught.value)
    assert TOKEN["token"] not in said
    assert caught.value.__cause__ is None, "the client's own error would carry the request's headers"
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        ("403 Forbidden", Refused, "a permission the app does not have here"),
        ("404 Not Found", Vanished, "it is gone, or the app is not installed there"),
        ("410 Gone", Vanished, "it is gone"),
        ("409 Conflict", Conflict, "somebody was faster"),
        ("422 Unprocessable Entity", Refused, "trying again does not help"),
        ("451 Unavailable For Legal Reasons", Refused, "451"),
        ("500 Internal Server Error", Unavailable, "it is tried again"),
        ("502 Bad Gateway", Unavailable, "502"),
        ("503 Service Unavailable", Unavailable, "503"),
    ],
)
def test_each_status_becomes_its_own_error(start: Start, status: str, kind: type[WorldError], says: str) -> None:
    sessions, wire = start(reply(status, {"message": "Told so"}))
    error = failure(sessions)
    assert type(error) is kind
    assert f"GitHub answered {status[:3]} to GET {PATH}: Told so" in str(error)
    assert says in str(error)
    assert wire.asked == ["POST /app/installations/1/access_tokens", f"GET {PATH}"], "nothing is tried again in here"


def test_a_missing_permission_is_named_where_github_names_it(start: Start) -> None:
    sessions, _ = start(
        reply("403 Forbidden", {"message": "Resource not accessible"}, "X-Accepted-GitHub-Permissions: checks=write")
    )
    assert "wanted the permission checks=write" in str(failure(sessions))


def test_what_is_wrong_with_a_request_is_quoted(start: Start) -> None:
    errors = [{"resource": "Label", "code": "already_exists", "field": "name"}, {"message": "too long\x1b[31m"}]
    sessions, _ = start(reply("422 Unprocessable Entity", {"message": "Validation Failed", "errors": errors}))
    assert "Validation Failed; Label name already_exists; too long [31m" in str(failure(sessions))


@pytest.mark.parametrize(
    ("headers", "message", "wait"),
    [
        (("Retry-After: 17",), "You have exceeded a secondary rate limit", 17.0),
        (("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1772528430"), "API rate limit exceeded", 30.0),
        (("X-RateLimit-Remaining: 0",), "API rate limit exceeded", 60.0),
        ((), "You have exceeded a secondary rate limit", 60.0),
        (("Retry-After: Tue, 03 Mar 2026 09:05:00 GMT",), "Slow down", 60.0),
    ],
)
@pytest.mark.parametrize("status", ["403 Forbidden", "429 Too Many Requests"])
def test_a_limit_says_how_long_to_wait(start: Start, status: str, headers: tuple[str, ...], message: str, wait: float) -> None:
    sessions, _ = start(reply(status, {"message": message}, *headers))
    error = failure(sessions)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == wait


def test_a_service_down_says_when_to_come_back(start: Start) -> None:
    sessions, _ = start(reply("503 Service Unavailable", b"<html>down</html>", "Retry-After: 5"))
    error = failure(sessions)
    assert isinstance(error, Unavailable)
    assert error.retry_after_s == 5.0


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n{",
        b"not http at all\r\n\r\nConnection: close",
        reply("502 Bad Gateway", b"<html>\xff</html>"),
    ],
    ids=["hung up", "cut off", "not HTTP", "not JSON"],
)
def test_an_answer_that_breaks_off_is_unavailable(start: Start, answer: bytes) -> None:
    sessions, _ = start(answer)
    assert type(failure(sessions)) is Unavailable


def test_truncated_json_is_unavailable_when_it_is_read(start: Start) -> None:
    sessions, _ = start(reply("200 OK", b'[{"number": 1, "he'))
    with pytest.raises(Unavailable, match="could not be read"):
        sessions.installation(1).pages(PATH, lambda page: [page])


def test_silence_is_unavailable(start: Start) -> None:
    sessions, _ = start(None, timeout_s=0.05)
    assert "did not answer GET /repos/acme/shop in time" in str(failure(sessions))


def test_nobody_listening_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    sessions = Sessions(AppCredentials(9001, private_key()), Endpoint(f"http://127.0.0.1:{port}"))
    error = failure(sessions)
    sessions.close()
    assert type(error) is Unavailable
    assert "no connection to GitHub" in str(error)


def test_a_refused_token_is_replaced_once_and_then_the_app_is_refused(start: Start) -> None:
    refused = reply("401 Unauthorized", {"message": "Bad credentials"})
    sessions, wire = start(refused, SIGNED_IN, refused)
    error = failure(sessions)
    assert type(error) is Refused
    assert "check the app id, the private key and this machine's clock" in str(error)
    assert wire.asked == ["POST /app/installations/1/access_tokens", f"GET {PATH}"] * 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply("401 Unauthorized", {"message": "A JSON web token could not be decoded"}), Refused),
        (reply("404 Not Found", {"message": "Not Found"}), Vanished),
        (reply("403 Forbidden", {"message": "This installation has been suspended"}), Refused),
        (reply("502 Bad Gateway", b""), Unavailable),
        (reply("201 Created", {"no": "token"}), Unavailable),
    ],
)
def test_a_failed_sign_in_is_told_like_any_other_call(start: Start, answer: bytes, kind: type[WorldError]) -> None:
    sessions, _ = start(answer, signed_in=False)
    error = failure(sessions)
    assert type(error) is kind
    assert "POST /app/installations/1/access_tokens" in str(error)


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ({"data": None, "errors": [{"type": "RATE_LIMITED", "message": "limit"}]}, RateLimited, "is used up"),
        ({"data": None, "errors": [{"type": "NOT_FOUND", "message": "no repo"}]}, Vanished, "no repo"),
        ({"data": {"a": None}, "errors": [{"type": "FORBIDDEN", "message": "no"}]}, Refused, "llmgate doctor"),
        ({"data": None, "errors": [{"message": "Something went wrong"}]}, Unavailable, "Something went wrong"),
        ({"data": None}, Unavailable, "could not be read"),
        ([1], Unavailable, "could not be read"),
    ],
)
def test_graphql_fails_inside_an_answer_of_200(start: Start, answer: object, kind: type[WorldError], says: str) -> None:
    sessions, _ = start(reply("200 OK", answer, "Content-Type: application/json"))
    with pytest.raises(kind, match=says):
        sessions.installation(1).graph("query A { a }", {})


def test_graphql_keeps_what_came_beside_an_error(start: Start) -> None:
    answer = {"data": {"a": 1, "b": None}, "errors": [{"type": "FORBIDDEN", "message": "not b", "path": ["b", 0]}]}
    sessions, _ = start(reply("200 OK", answer, "Content-Type: application/json"))
    data, problems = sessions.installation(1).graph("query A { a b }", {})
    assert data == {"a": 1, "b": None}
    assert [(problem.kind, problem.path) for problem in problems] == [("FORBIDDEN", ("b", "0"))]


def test_words_of_others_are_cut_and_lose_what_looks_like_a_secret() -> None:
    assert quoted("a\nb\x07 ghs_0123456789abcdef eyJhbGciOi.eyJpc3M.sig") == "a b [secret] [secret]"
    assert len(quoted("x" * 1000)) == 240


def test_no_repr_shows_the_key() -> None:
    assert "PRIVATE" not in repr(AppCredentials(1, private_key()))
