"""What may be answered to `llmgate init`. A bad answer is refused with what was seen, wanted and what to do.

An answer that may be a secret is never repeated: what was seen is its kind or its length.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_HOST = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")
_PORT = re.compile(r":[0-9]{1,5}$")
_CHANNEL = re.compile(r"^[CG][A-Z0-9]{6,}$")
_SECRET = re.compile(r"^[0-9a-f]{32}$")
_PRINTABLE = re.compile(r"^[\x21-\x7e]+$")
_TOKENS = {
    "xoxb-": "a bot token (xoxb-)",
    "xapp-": "an app-level token (xapp-)",
    "xoxp-": "a user's token (xoxp-)",
    "xoxe": "a rotating token (xoxe)",
}
_NO_BOT_TOKENS = {
    "gldt-": "a deploy token (gldt-)",
    "glptt-": "a pipeline trigger token (glptt-)",
    "glrt-": "a runner's token (glrt-)",
    "glsoat-": "a SCIM token (glsoat-)",
    "whsec_": "a webhook's signing token (whsec_)",
}
SHORTEST_SECRET = 16


class BadAnswer(ValueError):
    """The answer cannot be used; the message says why and never quotes a secret."""


def refuse(saw: str, wanted: str, cure: str) -> BadAnswer:
    return BadAnswer(f"saw {saw}; wanted {wanted}; {cure}")


def client_id(answer: str) -> str:
    """An OAuth client's id, as a forge shows it."""
    if _PRINTABLE.match(answer) and len(answer) <= 200:
        return answer
    raise refuse("a client id with spaces or other signs", "it as the forge shows it", "copy it again")


def client_secret(answer: str) -> str:
    if _PRINTABLE.match(answer) and len(answer) >= SHORTEST_SECRET:
        return answer
    raise refuse(f"a client secret of {len(answer)} characters", "it as the forge showed it once", "copy it, or make a new one")


def app_id(answer: str) -> str:
    """The App's id: digits only."""
    if answer.isascii() and answer.isdecimal() and int(answer) > 0:
        return answer
    cure = "copy the App ID from the App's settings page (not the Client ID, which begins with Iv)"
    raise refuse(repr(answer[:40]), "a number", cure)


def host(answer: str) -> str:
    if _HOST.match(answer):
        return answer.lower()
    raise refuse(repr(answer[:80]), "a host name, as in github.com", "leave out https:// and what follows the name")


def gitlab_host(answer: str, taken: Collection[str]) -> str:
    """A host that no other section names, with its port where it has one. Its address out of a browser will do."""
    name = answer.lower().removeprefix("https://").rstrip("/")
    if not _HOST.match(_PORT.sub("", name)):
        cure = "leave out what comes before and after the name; if GitLab is not at https://NAME, add its url to the settings"
        raise refuse(repr(answer[:80]), "a host name, as in gitlab.com or git.acme.example:8443", cure)
    if name in taken:
        raise refuse(f"{name}, which another section names", "another host", "one section serves all projects of a host")
    return name


def private_key_file(answer: str) -> str:
    """A readable PEM file with an RSA key, as an absolute path."""
    path = Path(answer).expanduser().absolute()
    cure = "generate a private key on the App's settings page and give the path of the .pem that was downloaded"
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise refuse(f"{path}: {error.strerror}", "the App's private key (PEM)", cure) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise refuse(f"{path}, which is no private key in PEM", "the App's private key", cure) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise refuse(f"{path} with another kind of key", "the App's RSA key", cure)
    return str(path)


def webhook_secret(answer: str) -> str:
    if len(answer) >= SHORTEST_SECRET and _PRINTABLE.match(answer):
        return answer
    cure = "press Enter to have one made"
    if len(answer) < SHORTEST_SECRET:
        raise refuse(f"{len(answer)} characters", f"at least {SHORTEST_SECRET} that nobody can guess", cure)
    raise refuse("spaces or characters beyond ASCII", "printable ASCII, which arrives everywhere as it was sent", cure)


def made_secret() -> str:
    """A webhook secret that nobody can guess."""
    return secrets.token_urlsafe(32)


def gitlab_token(answer: str) -> str:
    """An access token. An administrator may have chosen another prefix than glpat-, so only known others are refused."""
    cure = "make an access token for the bot with the scope api (a group access token, or a service account's)"
    other = next((words for begin, words in _NO_BOT_TOKENS.items() if answer.startswith(begin)), "")
    if other or len(answer) < SHORTEST_SECRET or not _PRINTABLE.match(answer):
        raise refuse(other or f"{len(answer)} characters that are no token", "an access token, as in glpat-…", cure)
    return answer


def bot_token(answer: str) -> str:
    return _token(answer, "xoxb-", "copy the Bot User OAuth Token from OAuth & Permissions")


def app_token(answer: str) -> str:
    return _token(answer, "xapp-", "make one under Basic Information > App-Level Tokens with connections:write")


def _token(answer: str, prefix: str, cure: str) -> str:
    if answer.startswith(prefix) and len(answer) > len(prefix) and _PRINTABLE.match(answer):
        return answer
    other = next((words for begin, words in _TOKENS.items() if answer.startswith(begin) and begin != prefix), "")
    raise refuse(other or f"{len(answer)} characters that are no {prefix} token", _TOKENS[prefix], cure)


def signing_secret(answer: str) -> str:
    if _SECRET.match(answer.lower()):
        return answer.lower()
    raise refuse(
        f"{len(answer)} characters that are not it", "32 hex digits", "copy it from Basic Information > App Credentials"
    )


def channel(answer: str) -> str:
    if _CHANNEL.match(answer):
        return answer
    cure = "open the channel's details in Slack; the id stands at the foot"
    raise refuse(repr(answer[:80]), "a channel's id, as in C0123ABCD", cure)


def public_url(answer: str) -> str:
    """An https address without a path; http only for this machine."""
    match = re.match(r"^(https?)://([A-Za-z0-9.-]+)(:\d+)?/?$", answer)
    if match and (match[1] == "https" or match[2] in ("localhost", "127.0.0.1")):
        return answer.rstrip("/")
    raise refuse(
        repr(answer[:80]), "https://HOST, without a path", "give the address under which the forge reaches this server"
    )


def mode(answer: str) -> str:
    if answer.lower() in ("socket", "http"):
        return answer.lower()
    raise refuse(repr(answer[:40]), "socket or http", "choose socket unless this server has a public address")
