"""What a person does on the page, handed to the stand-ins: each act waits for the application and says what came of it."""

from __future__ import annotations

from collections.abc import Callable

from integrations.sandbox.page.forge_view import ForgeView
from integrations.sandbox.slack import controls
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.slack.people import Seen
from integrations.sandbox.slack.refusal import Json


class Acts:
    def __init__(self, slack: FakeSlack, forge: ForgeView) -> None:
        self._slack = slack
        self._forge = forge
        self._verbs: dict[str, Callable[[Json], str]] = {
            "press": self._press,
            "submit": self._submit,
            "close_view": self._close_view,
            "compose": self._compose,
            "open_home": self._open_home,
            "merge": self._merge,
            "push": self._push,
        }

    def perform(self, act: Json) -> Json:
        """`said` is what to show for a moment, and `refused` is set where the act made no sense."""
        verb = self._verbs.get(str(act.get("verb")))
        if verb is None:
            return {"refused": True, "said": f"no such act: {act.get('verb')}"}
        try:
            return {"said": verb(act)}
        except (LookupError, ValueError, TypeError, AttributeError) as wrong:
            # A stale page may name what is gone, or a stranger's script may send anything; neither may end the server.
            return {"refused": True, "said": str(wrong.args[0]) if wrong.args else "that is not there any more"}

    def _press(self, act: Json) -> str:
        user, control, option = str(act["user"]), str(act["control"]), str(act.get("option", ""))
        if act["where"] == "home":
            return _said(self._slack.click_home(user, control, option))
        if act["where"] == "view":
            return _said(self._slack.click_view(user, control, option))
        message = self._slack.find_message(user, str(act["channel"]), str(act["ts"]))
        return _said(self._slack.act(user, message, controls.find(message.blocks, control), option))

    def _submit(self, act: Json) -> str:
        values = {str(name): _value(value) for name, value in dict(act["values"]).items()}
        return _said(self._slack.submit(str(act["user"]), values))

    def _close_view(self, act: Json) -> str:
        return _said(self._slack.close_view(str(act["user"])))

    def _compose(self, act: Json) -> str:
        """A line typed into the channel or the thread: a command, a mention of the app, or just words."""
        user, channel, thread, line = (str(act.get(name, "")) for name in ("user", "channel", "thread", "line"))
        line = line.strip()
        if not line:
            return ""
        if line.startswith("/"):
            if thread:
                return "Slack takes slash commands in the channel only, not in a thread. Mention @llmgate here instead."
            return _said(self._slack.command(user, channel, line))
        if "@llmgate" in line:
            return _said(self._slack.mention(user, channel, thread, line))
        self._slack.say(user, channel, line, thread)
        return ""

    def _open_home(self, act: Json) -> str:
        return _said(self._slack.open_home(str(act["user"])))

    def _merge(self, act: Json) -> str:
        return self._forge.merge(int(act["number"]))

    def _push(self, act: Json) -> str:
        return self._forge.push(int(act["number"]))


def _value(value: object) -> str | list[str]:
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def _said(seen: Seen) -> str:
    return seen.warning
