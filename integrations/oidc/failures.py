"""An identity provider's refusals, translated: nothing above this package sees an error of httpx.

    429                                  RateLimited
    409                                  Conflict
    3xx, other 4xx                       Refused       an address or a setting that is wrong here or there
    5xx, time-outs, broken connections,
    answers that cannot be read          Unavailable

Messages name the call and what came back. Headers and bodies, where tokens travel, are never quoted but for the two words
that RFC 6749 has for an error.
"""

from __future__ import annotations

import httpx

from bot.ports.answers import Answers
from bot.ports.errors import Refused, Unavailable, WorldError
from bot.ports.failures import by_status, fit, limited, wait_s
from bot.ports.oauth import NOTHING, UNATTENDED

ANSWERS = Answers("the identity provider")


def called(client: httpx.Client, request: httpx.Request, call: str) -> httpx.Response:
    """The answer, whatever its status. `call` is method and address, for errors."""
    try:
        return client.send(request)
    except httpx.TimeoutException as error:
        raise Unavailable(f"no answer to {call} in time ({type(error).__name__}); {UNATTENDED}") from None
    except httpx.TransportError as error:
        raise Unavailable(f"no connection for {call}: {quoted(str(error)) or type(error).__name__}; {UNATTENDED}") from None
    except (httpx.HTTPError, ValueError) as error:
        raise ANSWERS.unreadable(error, call) from None


def from_answer(answer: httpx.Response, call: str) -> WorldError:
    """The port's error for an answer that is not 200."""
    saw = f"the identity provider answered {answer.status_code} to {call}"
    if answer.status_code < 400:
        return Refused(f"{saw}; wanted the answer itself: set the address that it is sent on to")
    if answer.status_code == 429:
        return limited(saw, wait_s(answer.headers))
    return by_status(saw, answer.status_code, answer.headers)


def quoted(text: str) -> str:
    """Text of another party, fit for an error."""
    return fit(text, NOTHING)
