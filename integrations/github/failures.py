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

import httpx
from githubkit.exception import RequestError, RequestFailed, RequestTimeout

from bot.ports.answers import Answers
from bot.ports.errors import RateLimited, Refused, Unavailable, Vanished, WorldError
from bot.ports.failures import by_status, fit, limited, wait_s

ANSWERS = Answers("GitHub")
_SECRET = re.compile(r"(gh[a-z]_|github_pat_|v1\.)[A-Za-z0-9_.]{8,}|eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_.-]+")


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
    return ANSWERS.unreadable(cause, call)


def from_answer(answer: httpx.Response, call: str) -> WorldError:
    """The port's error for an answer with an error status."""
    status, said = answer.status_code, _said(answer)
    saw = f"GitHub answered {status} to {call}" + (f": {said}" if said else "")
    if status in (403, 429) and _limited(answer, said):
        return limited(saw, _wait_s(answer))
    if status == 401:
        return Refused(f"{saw}; wanted credentials it knows: check the app id, the private key and this machine's clock")
    if status == 403:
        return Refused(f"{saw}; wanted {_permission(answer)}: grant it in the app's settings and accept it in the installation")
    if status in (404, 410):
        return Vanished(f"{saw}; it is gone, or the app is not installed there or may not see it")
    return by_status(saw, status, answer.headers)


def used_up(answer: httpx.Response, call: str) -> RateLimited:
    """A limit told inside a good answer, as GraphQL does."""
    return limited(f"GitHub's limit for {call} is used up", _wait_s(answer))


def quoted(text: str, limit: int = 240) -> str:
    """Text of another party, fit for an error, without what looks like a token of GitHub's."""
    return fit(text, _SECRET, limit)


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
    """The budget's reset counts only where the budget is what is used up."""
    spent = answer.headers.get("x-ratelimit-remaining") == "0"
    return wait_s(answer.headers, "x-ratelimit-reset" if spent else "")


def _permission(answer: httpx.Response) -> str:
    needed = quoted(answer.headers.get("x-accepted-github-permissions", ""))
    return f"the permission {needed}" if needed else "a permission the app does not have here"
