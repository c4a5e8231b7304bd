"""`chat.*`: what the bot may post, edit and delete, and where."""

from __future__ import annotations

from integrations.sandbox.slack.arguments import Arguments
from integrations.sandbox.slack.kit import check_message
from integrations.sandbox.slack.mrkdwn import notified
from integrations.sandbox.slack.refusal import Json, Refusal
from integrations.sandbox.slack.workspace import APP, BOT, BOT_USER, TEAM, Channel, Message, Workspace

TEXT_LIMIT = 40_000
METADATA_LIMIT = 8_000


def described(message: Message) -> Json:
    """The message as Slack returns it and sends it along with a click."""
    body: Json = {
        "type": "message",
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "team": TEAM,
    }
    if message.user == BOT_USER:
        body |= {"bot_id": BOT, "app_id": APP}
    if message.blocks:
        body["blocks"] = message.blocks
    if message.thread_ts:
        body["thread_ts"] = message.thread_ts
    if message.edited:
        body["edited"] = {"user": message.user, "ts": message.ts}
    if message.metadata:
        body["metadata"] = message.metadata
    return body


def named_blocks(workspace: Workspace, blocks: list[Json]) -> list[Json]:
    """Blocks with an id each, as Slack gives one where the app gave none; elements likewise."""
    for block in blocks:
        block.setdefault("block_id", f"b{workspace.serial()}")
        holders = [block.get("accessory"), block.get("element"), *(block.get("elements") or ())]
        for holder in holders:
            if isinstance(holder, dict) and holder.get("type") not in ("image", "mrkdwn", "plain_text"):
                holder.setdefault("action_id", f"a{workspace.serial()}")
    return blocks


def post(workspace: Workspace, arguments: Arguments) -> Json:
    channel = _postable(workspace, arguments.required("channel"))
    again = _posted_before(workspace, channel, arguments.text("client_msg_id"))
    if again is None:
        again = _message(workspace, channel, arguments)
        again.notified = notified(workspace, channel, again.text, again.blocks, link_names=_links_names(arguments))
        workspace.messages.append(again)
        workspace.touch()
    return {"ok": True, "channel": channel.id, "ts": again.ts, "message": described(again)}


def post_ephemeral(workspace: Workspace, arguments: Arguments) -> Json:
    channel = _postable(workspace, arguments.required("channel"))
    user = arguments.required("user")
    if workspace.members.get(user) is None or user not in channel.members:
        raise Refusal("user_not_in_channel")
    message = _message(workspace, channel, arguments)
    message.only_for = user
    workspace.ephemerals.append(message)
    workspace.touch()
    return {"ok": True, "message_ts": message.ts}


def update(workspace: Workspace, arguments: Arguments) -> Json:
    channel, message = _own(workspace, arguments, "cant_update_message")
    text, blocks = _content(workspace, arguments)
    message.edited = message.edited or blocks is None or (bool(arguments.text("text")) and text != message.text)
    if arguments.text("text"):
        message.text = text
    message.blocks = blocks or []  # text alone removes the blocks
    message.notified |= notified(workspace, channel, text, message.blocks, link_names=_links_names(arguments))
    message.revision += 1
    workspace.touch()
    return {"ok": True, "channel": channel.id, "ts": message.ts, "text": message.text, "message": described(message)}


def delete(workspace: Workspace, arguments: Arguments) -> Json:
    channel, message = _own(workspace, arguments, "cant_delete_message")
    workspace.messages.remove(message)
    workspace.touch()
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def permalink(workspace: Workspace, arguments: Arguments) -> Json:
    channel = workspace.channel(arguments.required("channel"))
    message = workspace.message(channel.id, arguments.required("message_ts"))
    if message is None:
        raise Refusal("message_not_found")
    link = f"https://sandbox.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def _postable(workspace: Workspace, name: str) -> Channel:
    """A channel the bot may write to. A person's id stands for the direct channel with them."""
    if name in workspace.members:
        return workspace.direct(name)
    channel = workspace.channel(name)
    if channel.archived:
        raise Refusal("is_archived")
    if BOT_USER not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _posted_before(workspace: Workspace, channel: Channel, client_msg_id: str) -> Message | None:
    """The message an earlier call with this id posted: `client_msg_id` makes a repeated post harmless."""
    if not client_msg_id:
        return None
    return next((m for m in workspace.messages if m.channel == channel.id and m.client_msg_id == client_msg_id), None)


def _message(workspace: Workspace, channel: Channel, arguments: Arguments) -> Message:
    text, blocks = _content(workspace, arguments)
    thread = arguments.text("thread_ts")
    if thread and workspace.message(channel.id, thread) is None:
        raise Refusal("thread_not_found")
    metadata = arguments.value("metadata", "invalid_metadata_format")
    if metadata is not None and (not isinstance(metadata, dict) or {"event_type", "event_payload"} != set(metadata)):
        raise Refusal("invalid_metadata_format")
    return Message(
        channel.id,
        workspace.new_ts(),
        BOT_USER,
        text,
        blocks or [],
        thread_ts=thread,
        client_msg_id=arguments.text("client_msg_id"),
        metadata=metadata,
    )


def _content(workspace: Workspace, arguments: Arguments) -> tuple[str, list[Json] | None]:
    text = arguments.text("text")
    blocks = arguments.value("blocks", "invalid_blocks_format")
    if blocks is not None and not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    if not text and not blocks:
        raise Refusal("no_text")
    if len(text) > TEXT_LIMIT:
        raise Refusal("msg_too_long")
    return text, named_blocks(workspace, check_message(blocks)) if blocks is not None else None


def _own(workspace: Workspace, arguments: Arguments, refusal: str) -> tuple[Channel, Message]:
    channel = workspace.channels.get(arguments.required("channel"))  # ids only: neither #name nor U… is taken here
    if channel is None or (channel.private and BOT_USER not in channel.members):
        raise Refusal("channel_not_found")
    if channel.archived:
        raise Refusal("is_archived")
    message = workspace.message(channel.id, arguments.required("ts"))
    if message is None:
        raise Refusal("message_not_found")
    if message.user != BOT_USER:
        raise Refusal(refusal)
    return channel, message


def _links_names(arguments: Arguments) -> bool:
    return arguments.flag("link_names") or arguments.text("parse") == "full"
