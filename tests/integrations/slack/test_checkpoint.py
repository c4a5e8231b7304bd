"""A checkpoint in the audit channel: as it was signed, and once."""

from __future__ import annotations

import pytest

from bot.core.actions import PostCheckpoint
from bot.ports.errors import Refused
from integrations.sandbox.clock import FakeClock
from integrations.slack.chat import SlackChat
from integrations.slack.connection import Connection
from tests.integrations.slack.stage import settings_of, workspace

NOTE = "example.com/log\n12\nMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=\n\n— example.com/log 8HbGkz0X+/k=\n"


def test_the_note_can_be_copied_out_of_the_channel_as_it_was_signed() -> None:
    slack = workspace(FakeClock())
    connection = Connection(settings_of(slack))
    try:
        channel = slack.channel("#audit").id
        chat = SlackChat(connection, FakeClock())
        action = PostCheckpoint(channel, 12, NOTE)
        first = chat.deliver(action, None, None, "log|checkpoint|1")
        assert chat.deliver(action, None, None, "log|checkpoint|1") == first, "the same key again, as after a crash"
        (message,) = slack.messages(channel)
        assert message.text.startswith("The log holds 12 records.")
        assert message.blocks[1]["text"]["text"] == f"```\n{NOTE}```"
        assert slack.unmodelled == []
    finally:
        connection.close()
        slack.close()


def test_a_channel_that_is_not_there_is_told() -> None:
    slack = workspace(FakeClock())
    connection = Connection(settings_of(slack))
    try:
        with pytest.raises(Refused, match="channel_not_found"):
            SlackChat(connection, FakeClock()).deliver(PostCheckpoint("C0NOWHERE", 1, NOTE), None, None, "k")
    finally:
        connection.close()
        slack.close()
