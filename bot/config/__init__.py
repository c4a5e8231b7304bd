"""Everything that can be set, and how it is read."""

from bot.config.parts import GitHub, GitLab, Log, Notify, Oidc, Signing, Slack, Webhook, WorkingHours
from bot.config.settings import BadSettings, Settings, UnreadableSettings, described, read_settings

__all__ = [
    "BadSettings",
    "GitHub",
    "GitLab",
    "Log",
    "Notify",
    "Oidc",
    "Settings",
    "Signing",
    "Slack",
    "UnreadableSettings",
    "Webhook",
    "WorkingHours",
    "described",
    "read_settings",
]
