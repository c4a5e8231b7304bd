"""GitLab's refusals in each of its forms: what they are called, what they say, and what they never say."""

from __future__ import annotations

import json

import pytest
import requests

from bot.ports.errors import Conflict, RateLimited, Refused, Unavailable, Vanished, WorldError
from integrations.gitlab.failures import from_answer, quoted, translate

CALL = "GET /projects/7"
DATE = "Tue, 03 Mar 2026 09:00:00 GMT"
SCOPE = {"error": "insufficient_scope", "error_description": "The request requires higher privileges.", "scope": "api"}


def answer(status: int, body: object = None, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    made.headers.update({"Date": DATE, **{name.replace("_", "-"): value for name, value in headers.items()}})
    return made


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (
            400,
            {"message": {"base": ["is bad"], "name": ["is too long", "is odd"]}},
            Refused,
            "base is bad, name is too long, is odd",
        ),
        (400, {"error": "iid is invalid"}, Refused, "iid is invalid"),
        (401, {"message": "401 Unauthorized"}, Refused, "wanted a token that is valid"),
        (
            401,
            {"error": "invalid_token", "error_description": "Token is expired."},
            Refused,
            "invalid_token; Token is expired.",
        ),
        (403, {"message": "403 Forbidden"}, Refused, "a role on the project that may do this, or a licence that has it"),
        (403, SCOPE, Refused, "wanted a token with the scope api"),
        (404, {"message": "404 Project Not Found"}, Vanished, "404 Project Not Found"),
        (405, {"message": "405 Method Not Allowed"}, Refused, "trying again does not help"),
        (409, {"message": "409 Conflict: SHA does not match"}, Conflict, "somebody was faster"),
        (410, None, Vanished, "it is gone"),
        (422, {"message": ["one", "two"]}, Refused, "one, two"),
        (429, {"message": {"error": "This endpoint has been requested too many times."}}, RateLimited, "wanted fewer calls"),
        (500, b"<html>", Unavailable, "GitLab answered 500 to GET /projects/7; it is tried again"),
        (401, {"errors": [{"message": "Invalid token"}]}, Refused, "Invalid token"),
    ],
)
def test_each_refusal_is_called_what_it_is_and_says_what_to_do(
    status: int, body: object, kind: type[WorldError], said: str
) -> None:
    error = from_answer(answer(status, body), CALL)
    assert type(error) is kind
    assert said in str(error)
    assert CALL in str(error)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "17"}, 17.0),
        ({"RateLimit_Reset": "1772528430", "RateLimit_Remaining": "0"}, 30.0),
        ({"RateLimit_Reset": "1"}, 1.0),
        ({"RateLimit_Reset": "1772528430", "Date": "yesterday"}, 60.0),
        ({"Retry_After": "Tue, 03 Mar 2026 09:01:00 GMT"}, 60.0),
        ({}, 60.0),
    ],
)
def test_a_limit_names_the_time_to_wait_by_gitlabs_own_clock(headers: dict[str, str], seconds: float) -> None:
    error = from_answer(answer(429, None, **headers), CALL)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == seconds


def test_a_blocked_address_is_a_limit() -> None:
    assert isinstance(from_answer(answer(403, b"Forbidden\n", Retry_After="60"), CALL), RateLimited)


def test_maintenance_names_its_time() -> None:
    error = from_answer(answer(503, None, Retry_After="120"), CALL)
    assert isinstance(error, Unavailable)
    assert error.retry_after_s == 120


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (requests.ReadTimeout(), "did not answer GET /projects/7 in time (ReadTimeout)"),
        (requests.exceptions.SSLError("bad certificate"), "wanted a certificate this machine trusts"),
        (requests.ConnectionError("refused"), "no connection to GitLab for GET /projects/7: refused"),
        (requests.exceptions.ChunkedEncodingError(), "broke off (ChunkedEncodingError)"),
        (ValueError("glpat-0123456789abcdef"), "could not be read (ValueError)"),
    ],
)
def test_what_the_network_does_is_unavailable(raised: Exception, said: str) -> None:
    error = translate(raised, CALL)
    assert type(error) is Unavailable
    assert said in str(error)


def test_an_error_of_ours_passes_as_it_is() -> None:
    ours = Vanished("gone")
    assert translate(ours, CALL) is ours


@pytest.mark.parametrize(
    "secret",
    [
        "glpat-0123456789abcdefABCD",
        "gldt-ABCDEFGHIJKLMNOPQRST",
        "glsoat-abcdefghijklmnop",
        "whsec_c2FuZGJveC1zaWduaW5n",
        "glcbt-64_abcdefghijklmnop",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    ],
)
def test_no_token_is_quoted(secret: str) -> None:
    said = str(from_answer(answer(400, {"message": f"the token {secret} is odd"}), CALL))
    assert secret not in said
    assert "[secret]" in said


def test_a_quotation_is_one_line_of_bounded_length() -> None:
    assert quoted("a\n\x1b[31mb\x00c") == "a [31mb c"
    assert len(quoted("x" * 1000)) == 240
