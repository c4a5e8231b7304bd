"""What this machine gives: the time, and the store's own encoding for whoever may not know the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from storage import codec

T = TypeVar("T")


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the clock


class JsonCodec:
    """`bot.ports.store.Codec` over the store's own encoding."""

    def dump(self, value: object) -> bytes:
        return codec.dump(value)

    def load(self, kind: type[T], content: bytes) -> T:
        return codec.load(kind, content)
