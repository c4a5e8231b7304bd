"""A person at the sandbox's page, by what is written on it: nothing here knows a block id or a selector of Slack's."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.browser.chromium import Page

SHOWN = "[...document.querySelectorAll(%(where)s)].map((one) => one.innerText)"
PRESS = """(() => {
  const says = (one) => one.innerText.split("\\n").some((line) => line.trim().startsWith(%(words)s));
  const one = [...document.querySelectorAll(%(where)s)].findLast(says);
  if (!one || one.disabled || one.getAttribute("aria-busy")) return false;
  one.scrollIntoView({ block: "center" });
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (!one.contains(top)) return false;
  one.click();
  return true;
})()"""
TICK = """(() => {
  const boxes = [...document.querySelectorAll("#dialog input[type=checkbox]")];
  for (const box of boxes.slice(0, boxes.length - %(open)d)) if (!box.checked) box.click();
  return boxes.length;
})()"""
TYPE = """(() => {
  const field = document.querySelector(%(where)s);
  if (!field) return false;
  field.focus();
  field.value = %(words)s;
  return true;
})()"""


@dataclass(frozen=True, slots=True)
class Desk:
    """The page in a browser. A press waits until the thing is there, enabled, and covered by nothing."""

    page: Page
    change: str
    """The change on the page, as people write it: `acme/shop#1`."""

    def be(self, name: str) -> None:
        """Become somebody, at the left. Who is that already leaves the page all the same: wait until it is left."""
        self.page.until("document.documentElement.dataset.left = 'yes'")
        self.press(name, "#people a")
        self.page.until(
            "document.readyState === 'complete' && !document.documentElement.dataset.left && "
            f"document.querySelector('#people a[aria-current] .name')?.innerText === {json.dumps(name)}"
        )

    def open_thread(self) -> None:
        """Open the card's thread: the same boxes are on the page that is left, so wait until it is left."""
        self.press("", "#stream .thread-link")
        self.page.until("document.readyState === 'complete' && document.body.classList.contains('has-thread')")

    def press(self, words: str, where: str = "#stream button") -> None:
        self.page.until(PRESS % {"where": json.dumps(where), "words": json.dumps(words)})

    def tick(self, leave_open: int = 0) -> int:
        """Confirm the items of the open dialogue but the last few; how many there are."""
        return int(self.page.until(TICK % {"open": leave_open}))

    def send(self) -> None:
        """Send the open dialogue."""
        self.press("", "#dialog button[type=submit]")

    def write(self, words: str, where: str) -> None:
        self.page.until(TYPE % {"where": json.dumps(where), "words": json.dumps(words)})

    def say(self, words: str, box: str = "#line") -> None:
        """Type a line into the channel or the thread, and send it."""
        self.write(words, box)
        self.press("", f"form:has({box}) button")

    def sees(self, words: str, where: str) -> str:
        """The text of the last such place that holds these words, as soon as there is one."""
        texts = SHOWN % {"where": json.dumps(where)}
        return str(self.page.until(f"{texts}.findLast((text) => text.includes({json.dumps(words)}))"))

    def gone(self, where: str) -> None:
        self.page.until(f"!document.querySelector({json.dumps(where)})")

    def can_merge(self, may: bool) -> None:
        """Wait until the merge button is awake, or asleep."""
        self.page.until(f"document.querySelector('[data-verb=merge]')?.disabled === {json.dumps(not may)}")
