"""A headless Chromium driven over the DevTools protocol: enough to look at a page and to press what is on it.

Waiting is done inside the page, on its own mutations, so that nothing here sleeps or polls.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

Json = dict[str, Any]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # containers and root have no user namespaces, and the only page is ours
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--remote-debugging-port=0",
    "--window-size=1440,900",
)
PATIENCE_MS = 15_000
NAVIGATED = ("Execution context was destroyed", "Inspected target navigated", "Cannot find context", "Promise was collected")
UNTIL = """new Promise((done, fail) => {
  const ends = new AbortController();
  const watcher = new MutationObserver(look);
  const timer = setTimeout(() => end(fail, new Error("still not so: " + %(asked)s)), %(patience)d);
  function end(how, what) { watcher.disconnect(); clearTimeout(timer); ends.abort(); how(what); }
  function look() { const found = (%(condition)s); if (found) end(done, found); }
  watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  document.addEventListener("readystatechange", look, { signal: ends.signal });
  look();
})"""


def chromium() -> str | None:
    """The path of a Chromium on this machine, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class PageFault(Exception):
    """The page threw, or never came to what was waited for."""


@dataclass
class Page:
    """One tab. Everything but `go` runs as JavaScript in it."""

    socket: ClientConnection
    session: str
    faults: list[str] = field(default_factory=list)
    """What the page threw and what its content policy refused."""
    _last: int = 0

    def go(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href.startsWith(" + json.dumps(url) + ")")

    def until(self, condition: str) -> Any:
        """The value of an expression as soon as it is true; a page that is left for another is asked again there."""
        script = UNTIL % {"condition": condition, "asked": json.dumps(condition), "patience": PATIENCE_MS}
        while True:
            try:
                return self._evaluate(script)
            except PageFault as fault:
                if not any(sign in str(fault) for sign in NAVIGATED):
                    raise

    def call(self, method: str, **params: Any) -> Json:
        self._last += 1
        mine = self._last
        self.socket.send(json.dumps({"id": mine, "sessionId": self.session, "method": method, "params": params}))
        while True:
            heard = json.loads(self.socket.recv(timeout=2 * PATIENCE_MS / 1000))
            if heard.get("id") == mine and heard.get("sessionId") == self.session:
                if "error" in heard:
                    raise PageFault(heard["error"]["message"])
                return dict(heard["result"])
            self._overheard(heard)

    def _evaluate(self, script: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise PageFault(answer["exceptionDetails"]["exception"].get("description", "the page threw"))
        return answer["result"].get("value")

    def _overheard(self, heard: Json) -> None:
        if heard.get("method") == "Runtime.exceptionThrown":
            self.faults.append(str(heard["params"]["exceptionDetails"]["text"]))
        if heard.get("method") == "Log.entryAdded" and heard["params"]["entry"]["source"] in ("security", "javascript"):
            self.faults.append(str(heard["params"]["entry"]["text"]))


class Chromium:
    """A browser of its own profile, until `close`."""

    def __init__(self, program: str, profile: Path) -> None:
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"], stderr=subprocess.PIPE, text=True
        )
        self._address = self._listening()

    @contextmanager
    def page(self) -> Iterator[Page]:
        """A new tab with nothing of other tabs in it, closed at the end."""
        with connect(self._address, proxy=None, max_size=None) as socket:
            context = self._ask(socket, "Target.createBrowserContext", {})["browserContextId"]
            target = self._ask(socket, "Target.createTarget", {"url": "about:blank", "browserContextId": context})["targetId"]
            session = self._ask(socket, "Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
            page = Page(socket, session)
            for domain in ("Page", "Runtime", "Log"):
                page.call(f"{domain}.enable")
            yield page
            self._ask(socket, "Target.disposeBrowserContext", {"browserContextId": context})

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate()

    def _listening(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            found = re.search(r"DevTools listening on (ws://\S+)", line)
            if found:
                return found.group(1)
        raise PageFault("chromium ended before it listened")

    def _ask(self, socket: ClientConnection, method: str, params: Json) -> Json:
        socket.send(json.dumps({"id": 1, "method": method, "params": params}))
        while True:
            heard = json.loads(socket.recv(timeout=PATIENCE_MS / 1000))
            if heard.get("id") == 1 and "sessionId" not in heard:
                return dict(heard["result"])
