"""Git's bytes as text, and a stream of bytes as pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def text(raw: bytes) -> str:
    """UTF-8, and every byte that is none written as `\\xNN`: nothing is lost, and nothing can look like something else."""
    return raw.decode("utf-8", "backslashreplace")


def pieces(chunks: Iterable[bytes], separator: bytes) -> Iterator[bytes]:
    """What stands between separators, as it arrives; what follows the last one too, unless it is empty."""
    buffer = bytearray()
    for chunk in chunks:
        seen = max(0, len(buffer) - len(separator) + 1)
        buffer += chunk
        end = buffer.rfind(separator, seen)
        if end >= 0:
            yield from bytes(buffer[:end]).split(separator)
            del buffer[: end + len(separator)]
    if buffer:
        yield bytes(buffer)
