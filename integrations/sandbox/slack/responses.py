"""`response_url`: an address that comes with a click or a command and takes five messages within thirty minutes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from integrations.sandbox.slack.chat_methods import named_blocks
from integrations.sandbox.slack.kit import check_message
from integrations.sandbox.slack.refusal import Json, Refusal
from integrations.sandbox.slack.workspace import BOT_USER, Message, Workspace

USES = 5
LIFETIME_S = 30 * 60


@dataclass(slots=True)
class Address:
    user: str
    channel: str
    origin: Message | None
    issued: float
    uses: int = 0


class Responses:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._addresses: dict[str, Address] = {}

    def issue(self, user: str, channel: str, origin: Message | None) -> str:
        token = secrets.token_urlsafe(12)
        self._addresses[token] = Address(user, channel, origin, self._workspace.seconds())
        return token

    def take(self, token: str, body: Json) -> None:
        """Perform what was posted to the address, or refuse it."""
        address = self._addresses.get(token)
        if address is None or self._workspace.seconds() - address.issued > LIFETIME_S:
            raise Refusal("expired_url")
        if address.uses >= USES:
            raise Refusal("used_url")
        address.uses += 1
        if body.get("delete_original"):
            self._delete(address)
        elif body.get("replace_original") and address.origin is not None:
            address.origin.text = str(body.get("text", ""))
            address.origin.blocks = named_blocks(self._workspace, check_message(body.get("blocks") or []))
            address.origin.revision += 1
        else:
            self.show(address.user, address.channel, body)
        self._workspace.touch()

    def show(self, user: str, channel: str, body: Json) -> Message:
        """A private answer, or a public one where the body asks for it."""
        public = body.get("response_type") == "in_channel"
        blocks = named_blocks(self._workspace, check_message(body.get("blocks") or []))
        text = str(body.get("text", ""))
        if not text and not blocks:
            raise Refusal("no_text")
        message = Message(channel, self._workspace.new_ts(), BOT_USER, text, blocks, thread_ts=str(body.get("thread_ts", "")))
        if public:
            self._workspace.messages.append(message)
        else:
            message.only_for = user
            self._workspace.ephemerals.append(message)
        self._workspace.touch()
        return message

    def _delete(self, address: Address) -> None:
        for shelf in (self._workspace.messages, self._workspace.ephemerals):
            if address.origin in shelf:
                shelf.remove(address.origin)
