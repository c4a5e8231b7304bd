"""GitHub's refusals, translated: nothing above this package sees an error of githubkit or httpx.

    401                                  Refused       the app's own credentials
    403, 429 with a limit's marks        RateLimited   primary, secondary and GraphQL limits
    403, 451, other 4xx, 422             Refused       a permission, a setting, or something GitHub will not take
    404, 410                             Vanished
    409                                  Conflict
    5xx, time-outs, broken connections,
    answers that cannot be read          Unavailable

Messages name the call, what came back and what to do. They are built from the method, the path and GitHub's own
sentence; headers, where tokens travel, are never quoted.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import httpx
from githubkit.exception import RequestError, RequestFailed, RequestTimeout

from bot.ports.errors import Conflict, RateLimited, Refused, Unavailable, Vanished, WorldError

LIMIT_WAIT_S = 60.0
"""What GitHub asks for where a limit was hit and no time named."""
_SECRET = re.compile(r"(gh[a-z]_|github_pat_|v1\.)[A-Za-z0-9_.]{8,}|eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_.-]+")
_UNREADABLE = re.compile(r"[^\x20-\x7e\xa0-\uffff]+")


def translate(error: Exception, call: str) -> WorldError:
    """The port's error for whatever a request raised. `call` is method and path, as in `GET /repos/acme/shop`."""
    if isinstance(error, RequestFailed):
        return from_answer(error.response.raw_response, call)
    cause = error.exc if isinstance(error, RequestError) else error
    if isinstance(cause, WorldError):
        return cause
    if isinstance(error, RequestTimeout) or isinstance(cause, httpx.TimeoutException):
        return Unavailable(f"GitHub did not answer {call} in time ({type(cause).__name__}); it is tried again")
    if isinstance(cause, httpx.TransportError):
        return Unavailable(
            f"no connection to GitHub for {call}: {quoted(str(cause)) or type(cause).__name__}; it is tried again"
        )
    return Unavailable(f"GitHub's answer to {call} could not be read ({type(cause).__name__}); it is tried again")


def from_answer(answer: httpx.Response, call: str) -> WorldError:
    """The port's error for an answer with an error status."""
    status, said = answer.status_code, _said(answer)
    saw = f"GitHub answered {status} to {call}" + (f": {said}" if said else "")
    if status in (403, 429) and _limited(answer, said):
        wait = _wait_s(answer)
        return RateLimited(f"{saw}; wanted fewer calls; waiting {wait:.0f} s", wait)
    if status == 401:
        return Refused(f"{saw}; wanted credentials it knows: check the app id, the private key and this machine's clock")
    if status == 403:
        return Refused(f"{saw}; wanted {_permission(answer)}: grant it in the app's settings and accept it in the installation")
    if status in (404, 410):
        return Vanished(f"{saw}; it is gone, or the app is not installed there or may not see it")
    if status == 409:
        return Conflict(f"{saw}; somebody was faster, it is read again")
    if status >= 500:
        return Unavailable(f"{saw}; it is tried again", _seconds(answer, "retry-after"))
    return Refused(f"{saw}; wanted a request it takes: trying again does not help")


def used_up(answer: httpx.Response, call: str) -> RateLimited:
    """A limit told inside a good answer, as GraphQL does."""
    wait = _wait_s(answer)
    return RateLimited(f"GitHub's limit for {call} is used up; wanted fewer calls; waiting {wait:.0f} s", wait)


def quoted(text: str, limit: int = 240) -> str:
    """Text of another party, fit for an error: one line, no control characters, nothing that looks like a token."""
    line = _SECRET.sub("[secret]", " ".join(_UNREADABLE.sub(" ", text).split())).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _said(answer: httpx.Response) -> str:
    try:
        body: object = answer.json()
    except (ValueError, httpx.HTTPError):
        return ""
    if not isinstance(body, dict):
        return ""
    parts = [str(body.get("message") or "")]
    errors = body.get("errors")
    for problem in errors[:3] if isinstance(errors, list) else []:
        detail = problem if isinstance(problem, str) else _problem(problem)
        parts.append(detail)
    return quoted("; ".join(part for part in parts if part))


def _problem(problem: object) -> str:
    if not isinstance(problem, dict):
        return ""
    return str(problem.get("message") or " ".join(str(problem[key]) for key in ("resource", "field", "code") if key in problem))


def _limited(answer: httpx.Response, said: str) -> bool:
    if answer.status_code == 429 or "retry-after" in answer.headers:
        return True
    words = said.lower()
    return answer.headers.get("x-ratelimit-remaining") == "0" or "rate limit" in words or "abuse detection" in words


def _wait_s(answer: httpx.Response) -> float:
    """Seconds to wait: `Retry-After`, else until the limit's reset by GitHub's own clock, else a minute."""
    named = _seconds(answer, "retry-after")
    if named is not None:
        return named
    reset = _seconds(answer, "x-ratelimit-reset")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        try:
            now = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        except ValueError:
            return LIMIT_WAIT_S
        return max(1.0, reset - now)
    return LIMIT_WAIT_S


def _seconds(answer: httpx.Response, header: str) -> float | None:
    value = answer.headers.get(header, "")
    return float(value) if value.isascii() and value.isdigit() else None


def _permission(answer: httpx.Response) -> str:
    needed = quoted(answer.headers.get("x-accepted-github-permissions", ""))
    return f"the permission {needed}" if needed else "a permission the app does not have here"
