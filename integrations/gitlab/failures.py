"""GitLab's refusals, translated: nothing above this package sees an error of python-gitlab or requests.

    3xx                                  Refused       a write sent elsewhere: another address than GitLab's own
    401                                  Refused       the token: unknown, expired or revoked; or nobody may do this
    403                                  Refused       a scope, a role, or a licence
    429, 403 with a time to wait         RateLimited
    404, 410                             Vanished      gone, hidden from this token, or not in this licence
    409                                  Conflict
    other 4xx                            Refused       something GitLab will not take
    5xx, time-outs, broken connections,
    answers that cannot be read          Unavailable

Messages name the call, what came back and what to do. They are built from the method, the path and GitLab's own
sentence; headers, where tokens travel, are never quoted.
"""

from __future__ import annotations

import re

import requests
from gitlab.exceptions import GitlabError

from bot.ports.answers import Answers
from bot.ports.errors import Refused, Unavailable, Vanished, WorldError
from bot.ports.failures import by_status, fit, limited, wait_s

ANSWERS = Answers("GitLab")
_SECRET = re.compile(r"(gl[a-z]{2,8}-|whsec_|GR1348941)[A-Za-z0-9_.=+/-]{8,}|eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_.-]+")


def translate(error: Exception, call: str) -> WorldError:
    """The port's error for whatever a request raised. `call` is method and path, as in `GET /projects/7`."""
    if isinstance(error, WorldError):
        return error
    if isinstance(error, requests.Timeout):
        return Unavailable(f"GitLab did not answer {call} in time ({type(error).__name__}); it is tried again")
    if isinstance(error, requests.exceptions.SSLError):
        return Unavailable(
            f"no trusted connection to GitLab for {call}: {_cause(error)}; wanted a certificate this machine trusts: "
            "name its authority in REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, requests.ConnectionError):
        return Unavailable(f"no connection to GitLab for {call}: {_cause(error)}; it is tried again")
    if isinstance(error, (requests.RequestException, GitlabError)):
        return Unavailable(f"GitLab's answer to {call} broke off ({type(error).__name__}); it is tried again")
    return ANSWERS.unreadable(error, call)


def from_answer(answer: requests.Response, call: str) -> WorldError:
    """The port's error for an answer with an error status."""
    status, said = answer.status_code, _said(answer)
    saw = f"GitLab answered {status} to {call}" + (f": {said}" if said else "")
    if status < 400:
        to = quoted(answer.headers.get("location", "").partition("?")[0])
        return Refused(f"{saw}, sending it to {to}; wanted the address it answers at: set this host's `url` to that")
    if status == 429 or (status == 403 and "retry-after" in answer.headers):
        return limited(saw, wait_s(answer.headers, "ratelimit-reset"))
    if status == 401:
        return Refused(f"{saw}; wanted a token that is valid and may do this: check that it is not expired or revoked")
    if status == 403:
        return Refused(f"{saw}; wanted {_wanted(answer)}: see `llmgate doctor`")
    if status in (404, 410):
        return Vanished(f"{saw}; it is gone, or the bot may not see it, or this GitLab does not have it")
    return by_status(saw, status, answer.headers)


def quoted(text: str, limit: int = 240) -> str:
    """Text of another party, fit for an error, without what looks like a token of GitLab's."""
    return fit(text, _SECRET, limit)


def _cause(error: Exception) -> str:
    """The innermost reason, without the address, the pool and the object's place in memory."""
    reason = error
    while inner := next((one for one in (getattr(reason, "reason", None), *reason.args) if isinstance(one, Exception)), None):
        reason = inner
    return quoted(re.sub(r"<[^>]*>:?\s*|\S*Connection\([^)]*\):\s*", "", str(reason))) or type(error).__name__


def _said(answer: requests.Response) -> str:
    """GitLab's own words, in each of the forms it has for them."""
    try:
        body: object = answer.json()
    except (ValueError, requests.RequestException):
        return ""
    if not isinstance(body, dict):
        return ""
    parts = [_words(body.get(key)) for key in ("message", "error", "error_description", "errors")]
    return quoted("; ".join(part for part in parts if part))


def _words(value: object, depth: int = 3) -> str:
    """A sentence, a list of them, or sentences by field (`{"base": ["is not allowed"]}`)."""
    if isinstance(value, str):
        return value
    if depth and isinstance(value, list):
        return ", ".join(part for part in (_words(item, depth - 1) for item in value[:3]) if part)
    if depth and isinstance(value, dict):
        if "message" in value:
            return _words(value["message"], depth - 1)
        return ", ".join(f"{name} {_words(item, depth - 1)}" for name, item in list(value.items())[:3])
    return ""


def _wanted(answer: requests.Response) -> str:
    """A token without the scope says so in a form of its own; everything else is the role, or the licence."""
    try:
        body: object = answer.json()
    except (ValueError, requests.RequestException):
        body = None
    if isinstance(body, dict) and body.get("error") == "insufficient_scope":
        return f"a token with the scope {quoted(str(body.get('scope') or 'api'))}"
    return "a role on the project that may do this, or a licence that has it"
