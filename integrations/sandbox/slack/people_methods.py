"""`users.*`, `usergroups.*`, `conversations.*`, `dnd.*`, `team.*`, `bots.*`: who and what there is.

No method that reads messages is here: the product asks for no history scope.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from integrations.sandbox.slack.arguments import Arguments, page
from integrations.sandbox.slack.refusal import Json, Refusal
from integrations.sandbox.slack.workspace import APP, BOT, BOT_USER, TEAM, Channel, Member, Workspace

MOST_DND = 50
"""Members that one call of dnd.teamInfo takes."""


def described_member(workspace: Workspace, member: Member) -> Json:
    zone = ZoneInfo(member.tz)
    offset = workspace.clock.now().astimezone(zone).utcoffset()
    ended = bool(member.status_until) and workspace.seconds() >= member.status_until  # Slack takes it away by itself
    profile: Json = {
        "real_name": member.name,
        "display_name": member.name,
        "status_text": "" if ended else member.status_text,
        "status_emoji": "" if ended else member.status_emoji,
        "status_expiration": 0 if ended else member.status_until,
    }
    if member.email:
        profile["email"] = member.email
    return {
        "id": member.id,
        "team_id": "T0ELSEWHERE" if member.stranger else TEAM,
        "name": member.name.lower().replace(" ", "."),
        "real_name": member.name,
        "deleted": member.deactivated,
        "tz": member.tz,
        "tz_label": member.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": profile,
        "is_bot": member.bot,
        "is_app_user": False,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": member.guest,
        "is_ultra_restricted": False,
        "is_stranger": member.stranger,
        "is_email_confirmed": bool(member.email),
    }


def described_channel(channel: Channel) -> Json:
    direct = bool(channel.direct_with)
    more: Json = {"user": channel.direct_with} if direct else {"name": channel.name, "name_normalized": channel.name}
    return {
        "id": channel.id,
        "is_channel": not direct and not channel.private,
        "is_group": channel.private,
        "is_im": direct,
        "is_mpim": False,
        "is_private": channel.private or direct,
        "is_archived": channel.archived,
        "is_member": BOT_USER in channel.members,
        "num_members": len(channel.members),
        **more,
    }


def user_info(workspace: Workspace, arguments: Arguments) -> Json:
    return {"ok": True, "user": described_member(workspace, workspace.member(arguments.required("user")))}


def user_of_address(workspace: Workspace, arguments: Arguments) -> Json:
    """Of active members alone: a deactivated one is not found."""
    address = arguments.required("email").lower()
    for member in workspace.members.values():
        if member.email.lower() == address and not member.deactivated:
            return {"ok": True, "user": described_member(workspace, member)}
    raise Refusal("users_not_found")


def user_list(workspace: Workspace, arguments: Arguments) -> Json:
    return page([described_member(workspace, member) for member in workspace.members.values()], arguments, "members")


def group_list(workspace: Workspace, arguments: Arguments) -> Json:
    groups: list[Json] = [
        {"id": group, "team_id": TEAM, "is_usergroup": True, "handle": group.lower(), "name": group, "user_count": len(users)}
        for group, users in workspace.groups.items()
    ]
    if arguments.flag("include_users"):
        for group in groups:
            group["users"] = list(workspace.groups[group["id"]])
    return {"ok": True, "usergroups": groups}


def group_members(workspace: Workspace, arguments: Arguments) -> Json:
    users = workspace.groups.get(arguments.required("usergroup"))
    if users is None:
        raise Refusal("no_such_subteam")
    present = [user for user in users if not workspace.members[user].deactivated or arguments.flag("include_disabled")]
    return {"ok": True, "users": present}


def conversation_open(workspace: Workspace, arguments: Arguments) -> Json:
    users = [user for user in arguments.required("users").split(",") if user]
    if len(users) != 1:
        raise Refusal("not_enough_users" if not users else "too_many_users")
    if workspace.member(users[0]).deactivated:
        raise Refusal("user_disabled")
    if workspace.member(users[0]).bot:
        raise Refusal("cannot_dm_bot")
    return {"ok": True, "channel": {"id": workspace.direct(users[0]).id}}


def conversation_info(workspace: Workspace, arguments: Arguments) -> Json:
    return {"ok": True, "channel": described_channel(workspace.channel(arguments.required("channel")))}


def conversation_members(workspace: Workspace, arguments: Arguments) -> Json:
    members = [{"id": user} for user in sorted(workspace.channel(arguments.required("channel")).members)]
    answer = page(members, arguments, "members")
    answer["members"] = [member["id"] for member in answer["members"]]
    return answer


def conversation_join(workspace: Workspace, arguments: Arguments) -> Json:
    channel = workspace.channel(arguments.required("channel"))
    if channel.archived:
        raise Refusal("is_archived")
    if channel.private or channel.direct_with:
        raise Refusal("method_not_supported_for_channel_type")
    channel.members.add(BOT_USER)
    workspace.touch()
    return {"ok": True, "channel": described_channel(channel)}


def own_conversations(workspace: Workspace, arguments: Arguments) -> Json:
    kinds = arguments.text("types", "public_channel").split(",")
    user = arguments.text("user", BOT_USER)
    archived = not arguments.flag("exclude_archived")
    found = [
        described_channel(channel)
        for channel in workspace.channels.values()
        if user in channel.members and _kind(channel) in kinds and (archived or not channel.archived)
    ]
    return page(found, arguments, "channels")


def _kind(channel: Channel) -> str:
    if channel.direct_with:
        return "im"
    return "private_channel" if channel.private else "public_channel"


def presence(workspace: Workspace, arguments: Arguments) -> Json:
    """Of others no more is told than whether they are there."""
    member = workspace.member(arguments.text("user", BOT_USER))
    return {"ok": True, "presence": "away" if member.away else "active"}


def dnd_of_many(workspace: Workspace, arguments: Arguments) -> Json:
    """Up to fifty members. Slack leaves out whom it does not know."""
    asked = [user for user in arguments.required("users").split(",") if user]
    if len(asked) > MOST_DND:
        raise Refusal("too_many_users")
    return {"ok": True, "users": {user: _dnd(workspace, user) for user in asked if user in workspace.members}}


def _dnd(workspace: Workspace, user: str) -> Json:
    start, end = workspace.snoozed.get(user, (1, 1))
    return {"dnd_enabled": user in workspace.snoozed, "next_dnd_start_ts": start, "next_dnd_end_ts": end}


def dnd_info(workspace: Workspace, arguments: Arguments) -> Json:
    user = workspace.member(arguments.text("user", BOT_USER)).id
    return {"ok": True, **_dnd(workspace, user)}


def team_info(_workspace: Workspace, arguments: Arguments) -> Json:
    if arguments.text("team", TEAM) != TEAM:
        raise Refusal("team_not_found")
    return {"ok": True, "team": {"id": TEAM, "name": "Sandbox", "domain": "sandbox", "email_domain": ""}}


def bot_info(workspace: Workspace, arguments: Arguments) -> Json:
    if arguments.text("bot", BOT) != BOT:
        raise Refusal("bot_not_found")
    name = workspace.members[BOT_USER].name
    return {"ok": True, "bot": {"id": BOT, "app_id": APP, "user_id": BOT_USER, "name": name, "deleted": False}}
