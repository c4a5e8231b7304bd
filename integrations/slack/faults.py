"""Slack's errors in the gate's own words: what was seen, what was wanted, what to do.

The table names the codes a person can cure; a code it does not know is a refusal that names itself. Messages are made from
codes, methods and Slack's remarks on a payload's shape, never from the payload.
"""

from __future__ import annotations

from slack_sdk.errors import SlackApiError

from bot.ports.errors import RateLimited, Refused, Unavailable, Vanished, WorldError
from integrations.slack.payload import Payload

_INVITE = "invite the app there: /invite @llmgate"

TRANSIENT = {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org", "accesslimited"}
GONE: dict[str, str] = {
    "message_not_found": "the message was deleted",
    "thread_not_found": "the message to answer under was deleted",
    "cant_update_message": "the message is not the app's own any more",
    "edit_window_closed": "the message may not be edited any more",
    "user_not_found": "there is no such member; check the id in the people file",
    "users_not_found": "no active member has that address",
    "no_such_subteam": "there is no such user group; check the id (S…) in the policy's roles",
}
PLACE: dict[str, str] = {
    "channel_not_found": "no such channel, or a private one without the app; check the setting, or " + _INVITE,
    "not_in_channel": "the app is not in the channel; " + _INVITE,
    "is_archived": "the channel is archived; unarchive it or choose another in the settings",
    "user_not_in_channel": "the person is not in the channel",
    "restricted_action": "the workspace lets only some people post there; allow the app, or choose another channel",
    "restricted_action_read_only_channel": "the channel is read-only; allow the app to post, or choose another channel",
}  # fmt: skip
SETTINGS: dict[str, str] = {
    "invalid_auth": "the token is not valid; copy the bot token (xoxb-…) from OAuth & Permissions again",
    "not_authed": "no token was sent; set the bot token (xoxb-…)",
    "token_revoked": "the token was revoked; reinstall the app and set the new bot token",
    "token_expired": "the token has expired; reinstall the app, or switch token rotation off",
    "account_inactive": "the app was removed from the workspace; install it again",
    "not_allowed_token_type": "the token is of another kind; xoxb-… is for the bot, xapp-… for Socket Mode",
    "expired_trigger_id": "three seconds passed between the click and the dialogue; press again",
    "exchanged_trigger_id": "the click was used already; press again",
    "cannot_dm_bot": "bots take no direct messages; name a person in the people file",
    "user_disabled": "the account is deactivated; name another person in the people file",
    "too_many_websockets": "ten connections of this app are open; stop another instance",
}
SLOW_DOWN = {"ratelimited", "rate_limited", "message_limit_exceeded"}
_DEFAULT_WAIT_S = 30.0


class Misplaced(Refused):
    """The channel cannot be written to by the app, or read by the person. A private word can still go another way."""


def translated(error: Exception, method: str) -> WorldError:
    """The port's error for one of the client's."""
    if not isinstance(error, SlackApiError):
        return Unavailable(f"Slack did not answer {method} ({type(error).__name__}); it is tried again")
    answer = error.response
    status = int(getattr(answer, "status_code", 200))
    body = Payload(getattr(answer, "data", answer))
    headers = {str(name).lower(): str(value) for name, value in getattr(answer, "headers", {}).items()}
    code = body.text("error")
    if status == 429 or code in SLOW_DOWN:
        return RateLimited(f"Slack asked to slow down on {method}", _wait_s(headers))
    if status >= 500 or code in TRANSIENT:
        return Unavailable(f"Slack answered {method} with {_short(code) if status < 500 else status}; it is tried again")
    return _refusal(method, code, body)


def _refusal(method: str, code: str, body: Payload) -> WorldError:
    if code in GONE:
        return Vanished(f"Slack refused {method} with {code}: {GONE[code]}")
    if code in PLACE:
        return Misplaced(f"Slack refused {method} with {code}: {PLACE[code]}")
    if code == "missing_scope":
        needed = body.text("needed") or "an unnamed scope"
        return Refused(
            f"Slack refused {method}: the app lacks {needed}; add it under OAuth & Permissions and reinstall the app"
        )
    if code in SETTINGS:
        return Refused(f"Slack refused {method} with {code}: {SETTINGS[code]}")
    remarks = "; ".join(body.at("response_metadata").texts("messages")[:5])
    return Refused(f"Slack refused {method} with {_short(code)}" + (f": {remarks}" if remarks else ""))


def _wait_s(headers: dict[str, str]) -> float:
    said = headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else _DEFAULT_WAIT_S


def _short(code: str) -> str:
    """Slack's codes are short words; anything else (a proxy's page) is not repeated."""
    return code if code and len(code) <= 60 and code.replace("_", "").isalnum() else "an answer that is no error code"
