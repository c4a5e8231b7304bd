"""Letters through Apprise, which knows a hundred services by a URL each: Teams, Matrix, ntfy, PagerDuty and so on.

All letters go to the one place that the URL names, and say for whom they are. The URL holds tokens: nothing here shows it, and
what the library and its client would log of it is silenced.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from bot.core.messages.letter import Letter
from bot.core.messages.markdown import visible
from bot.ports.errors import Refused, Unavailable
from bot.ports.notifier import Recipient

if TYPE_CHECKING:
    import apprise

SETTING = "notify.apprise_url_file"


class AppriseNotifier:
    """Implements `bot.ports.notifier.Notifier`."""

    by_address = False
    name = "Apprise"

    def __init__(self, url: str) -> None:
        """Raises Refused where the library is not installed, or knows no service by such a URL."""
        self._place = _opened(url.strip())

    def send(self, to: Recipient, message: Letter, key: str) -> None:
        """The services have no notion of a key: a letter that is sent again comes again, and both name the same reference."""
        title = f"{visible(to.name, 80)}: {visible(message.subject)}"
        text = f"{message.text}\nReference {hashlib.sha256(key.encode()).hexdigest()[:12]}\n"
        if not self._place.notify(body=text, title=title, body_format="text"):
            raise Unavailable("Apprise could not deliver; it is tried again by itself; check the service, and its URL")


def _opened(url: str) -> apprise.Apprise:
    try:
        import apprise
    except ImportError:
        raise Refused(
            f"saw {SETTING}, but the library Apprise is not here; wanted the extra: install llmgate-bot[notify]"
        ) from None
    logging.getLogger("apprise").disabled = True
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)  # its DEBUG shows each path, and paths hold tokens
    asset = apprise.AppriseAsset(app_id="llmgate", app_desc="llmgate", app_url="", async_mode=False, secure_logging=True)
    place = apprise.Apprise(asset=asset)
    if not url or not place.add(url):
        raise Refused(
            f"saw something in {SETTING} that Apprise does not know; wanted one URL of its, as in mailto:// or ntfys://"
        )
    return place
