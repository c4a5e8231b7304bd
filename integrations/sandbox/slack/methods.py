"""The Web API's table of methods: which token and scope each takes, its tier, its arguments, and what performs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from integrations.sandbox.slack import chat_methods, people_methods, view_methods
from integrations.sandbox.slack.arguments import Arguments
from integrations.sandbox.slack.refusal import Json
from integrations.sandbox.slack.triggers import Triggers
from integrations.sandbox.slack.workspace import Workspace

Performs = Callable[[Workspace, Triggers, Arguments], Json]
POSTING = 0
"""A tier of its own: one message a second in a channel."""
SPECIAL = 1000
"""Hundreds a minute."""


@dataclass(frozen=True, slots=True)
class Method:
    """`scopes`: one of them is needed. `arguments` are those the stand-in understands; others are noted as unmodelled."""

    perform: Performs
    scopes: tuple[str, ...]
    per_minute: int
    arguments: tuple[str, ...]


def _plain(perform: Callable[[Workspace, Arguments], Json]) -> Performs:
    return lambda workspace, _triggers, arguments: perform(workspace, arguments)


POST = ("channel", "text", "blocks", "thread_ts", "client_msg_id", "metadata", "link_names", "parse", "mrkdwn")
LOOKS = ("unfurl_links", "unfurl_media", "reply_broadcast", "as_user", "username", "icon_emoji")
READ_CHANNEL = ("channels:read", "groups:read", "im:read", "mpim:read")
PAGED = ("cursor", "limit", "team_id")

METHODS: dict[str, Method] = {
    "chat.postMessage": Method(_plain(chat_methods.post), ("chat:write",), POSTING, POST + LOOKS),
    "chat.postEphemeral": Method(_plain(chat_methods.post_ephemeral), ("chat:write",), 100, (*POST, "user", "as_user")),
    "chat.update": Method(_plain(chat_methods.update), ("chat:write",), 50, (*POST, *LOOKS, "ts")),
    "chat.delete": Method(_plain(chat_methods.delete), ("chat:write",), 50, ("channel", "ts", "as_user")),
    "chat.getPermalink": Method(_plain(chat_methods.permalink), (), SPECIAL, ("channel", "message_ts")),
    "views.open": Method(view_methods.open_modal, (), 100, ("trigger_id", "view")),
    "views.push": Method(view_methods.push_modal, (), 100, ("trigger_id", "view")),
    "views.update": Method(_plain(view_methods.update_modal), (), 100, ("view", "view_id", "external_id", "hash")),
    "views.publish": Method(_plain(view_methods.publish_home), (), 100, ("user_id", "view", "hash")),
    "users.info": Method(_plain(people_methods.user_info), ("users:read",), 100, ("user", "include_locale")),
    "users.getPresence": Method(_plain(people_methods.presence), ("users:read",), 50, ("user",)),
    "users.lookupByEmail": Method(_plain(people_methods.user_of_address), ("users:read.email",), 50, ("email",)),
    "users.list": Method(_plain(people_methods.user_list), ("users:read",), 20, (*PAGED, "include_locale")),
    "usergroups.list": Method(
        _plain(people_methods.group_list),
        ("usergroups:read",),
        20,
        ("include_count", "include_disabled", "include_users", "team_id"),
    ),
    "usergroups.users.list": Method(
        _plain(people_methods.group_members), ("usergroups:read",), 20, ("usergroup", "include_disabled", "team_id")
    ),
    "conversations.open": Method(
        _plain(people_methods.conversation_open), ("im:write", "mpim:write"), 50, ("users", "return_im", "prevent_creation")
    ),
    "conversations.info": Method(
        _plain(people_methods.conversation_info), READ_CHANNEL, 50, ("channel", "include_locale", "include_num_members")
    ),
    "conversations.members": Method(_plain(people_methods.conversation_members), READ_CHANNEL, 100, ("channel", *PAGED)),
    "conversations.join": Method(_plain(people_methods.conversation_join), ("channels:join",), 50, ("channel",)),
    "users.conversations": Method(
        _plain(people_methods.own_conversations), READ_CHANNEL, 50, ("user", "types", "exclude_archived", *PAGED)
    ),
    "dnd.info": Method(_plain(people_methods.dnd_info), ("dnd:read",), 50, ("user", "team_id")),
    "dnd.teamInfo": Method(_plain(people_methods.dnd_of_many), ("dnd:read",), 20, ("users", "team_id")),
    "team.info": Method(_plain(people_methods.team_info), ("team:read",), 50, ("team", "domain")),
    "bots.info": Method(_plain(people_methods.bot_info), ("users:read",), 50, ("bot", "team_id")),
}
HISTORY = {
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "search.messages": "search:read",
    "reactions.get": "reactions:read",
}
"""Methods that read what people wrote. The product asks for none of these scopes, so they are always refused."""
