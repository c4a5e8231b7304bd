"""A server that says exactly the bytes it is told to, for answers no framework would give."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Mapping, Sequence

TOKEN = {"token": "ghs_0123456789abcdefABCDEF", "expires_at": "2026-03-03T10:00:00Z"}
DATE = "Tue, 03 Mar 2026 09:00:00 GMT"


def reply(status: str, body: object = None, *headers: str, length: int | None = None) -> bytes:
    """An HTTP answer. `body` is JSON unless it is bytes; `length` lies about its length."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(raw) if length is None else length}", f"Date: {DATE}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


SIGNED_IN = reply("201 Created", TOKEN, "Content-Type: application/json")


class Wire:
    """Answers requests in order from a script; an empty answer hangs up, None says nothing at all.

    `routed` are scripts of their own for paths that hold a word, for calls that come in no known order.
    """

    def __init__(self, script: Sequence[bytes | None], routed: Mapping[str, Sequence[bytes | None]] | None = None) -> None:
        self._script = list(script)
        self._routed = {word: list(answers) for word, answers in (routed or {}).items()}
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._done.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._talk, args=(peer,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError), peer.makefile("rb") as lines:
            while first := lines.readline():
                head = b"".join(iter(lines.readline, b"\r\n")).decode()
                length = next((int(h[15:]) for h in head.lower().splitlines() if h.startswith("content-length:")), 0)
                lines.read(length)
                with self._lock:
                    self.asked.append(first.decode().rsplit(" ", 1)[0])
                    self.heads.append(head)
                    script = next((own for word, own in self._routed.items() if word in self.asked[-1]), self._script)
                    answer = script.pop(0) if script else b""
                if answer is None:
                    self._done.wait(20)
                    return
                if not answer:
                    return
                peer.sendall(answer)
                if b"Connection: close" in answer:
                    return
