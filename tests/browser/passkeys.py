"""A person at the gate's own pages in a real browser, with an authenticator that the browser plays.

The browser's DevTools know a virtual authenticator (Web Authentication Level 3, 11): a device with a resident key that verifies
its user, or does not, as it is told. Everything else is the page's own buttons.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.browser.chromium import Page

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PRESS = """(() => {
  const all = [...document.querySelectorAll("button, a")];
  const one = all.find((each) => each.innerText.trim().startsWith(%s));
  if (!one || one.disabled || document.documentElement.dataset.left) return false;
  document.documentElement.dataset.left = %s;
  one.click();
  return true;
})()"""
SAYS = "document.readyState === 'complete' && document.body.innerText.includes(%s) && document.body.innerText"


@dataclass
class Device:
    """An authenticator in this tab."""

    page: Page
    id: str

    def verifies(self, verified: bool) -> None:
        """Whether its user can prove themselves to it from now on."""
        self.page.call("WebAuthn.setUserVerified", authenticatorId=self.id, isUserVerified=verified)

    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.call("WebAuthn.getCredentials", authenticatorId=self.id)["credentials"]
        return found

    def adopt(self, credential: dict[str, Any]) -> None:
        """A credential out of another device."""
        self.page.call("WebAuthn.addCredential", authenticatorId=self.id, credential=credential)


@dataclass
class Visitor:
    """Somebody in a tab of their own."""

    page: Page

    def device(self) -> Device:
        """Plug an authenticator in."""
        self.page.call("WebAuthn.enable")
        made = self.page.call("WebAuthn.addVirtualAuthenticator", options=DEVICE)
        return Device(self.page, made["authenticatorId"])

    def open(self, url: str) -> None:
        self.page.go(url)

    def lets_copy(self) -> None:
        """Let pages of this tab use the clipboard, as a person's own press would."""
        context = self.page.call("Target.getTargetInfo")["targetInfo"]["browserContextId"]
        allowed = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        self.page.call("Browser.grantPermissions", permissions=allowed, browserContextId=context)

    def press(self, label: str) -> None:
        """Press what begins so, and stay on the page or leave it, as the press has it."""
        self.page.until(PRESS % (json.dumps(label), "''"))

    def write(self, field: str, words: str) -> None:
        """Type into the field of that id, and press Enter: another page follows."""
        self.page.until(f"document.getElementById({json.dumps(field)}).focus() || true")
        self.page.until("document.documentElement.dataset.left = 'yes'")
        self.page.call("Input.insertText", text=words)
        for kind in ("keyDown", "keyUp"):
            self.page.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
        self.page.until("document.readyState === 'complete' && !document.documentElement.dataset.left")

    def leave_by(self, label: str) -> None:
        """Press what leads to another page, and wait until this one is left."""
        self.page.until(PRESS % (json.dumps(label), "'yes'"))
        self.page.until("document.readyState === 'complete' && !document.documentElement.dataset.left")

    def sees(self, words: str) -> str:
        """The page's text, as soon as these words are in it."""
        return str(self.page.until(SAYS % json.dumps(words)))

    def sign_in_as(self, name: str, forge: str) -> None:
        """At the gate's page: on to the forge, there as this person, and back."""
        self.leave_by(f"Sign in with {forge}")
        self.sees("Sign in as")
        self.leave_by(f"Sign in as {name}")
