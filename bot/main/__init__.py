"""The composition root: the only package that knows both the adapters and the settings."""

from bot.config import BadSettings, Settings, UnreadableSettings, read_settings
from bot.main.assembly import assemble
from bot.main.gate import Gate
from bot.main.machine import SystemClock

__all__ = ["BadSettings", "Gate", "Settings", "SystemClock", "UnreadableSettings", "assemble", "read_settings"]
