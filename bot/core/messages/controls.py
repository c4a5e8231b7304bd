"""The controls of somebody who is asked: the same on the ask in the thread, on a reminder, and on their home page."""

from __future__ import annotations

from bot.core.notice import Control


def asked_controls(ref: str, token: str) -> tuple[Control, ...]:
    """The two that decide. With the menu behind them they are the three that are visible."""
    return (
        Control("review", "Review & approve", token, style="primary", described=f"Review and approve {ref}"),
        Control("request-changes", "Request changes", token, described=f"Request changes on {ref}"),
    )


def asked_menu(ref: str, url: str, token: str) -> tuple[Control, ...]:
    """What else somebody who is asked can do: five at most fit a menu of Slack's."""
    return (
        Control("snooze", "Snooze …", token, described=f"Be reminded of {ref} later"),
        Control("delegate", "Delegate …", token, described=f"Have somebody else asked about {ref}"),
        Control("not-me", "Not me …", token, described=f"Say that {ref} is not yours"),
        Control("why", "Explain", token, described=f"Why {ref} has its tier"),
        Control("open", "Open the change", token, url, described=f"Open {ref}"),
    )


def ask_again_control(ref: str, token: str) -> Control:
    """On the card of a request that ended because nobody answered."""
    return Control("ask-again", "Ask again", token, style="primary", described=f"Ask for the review of {ref} once more")
