"""The app's webhook seen from GitHub's side: where it sends to, what failed, and asking for that again.

GitHub does not send a failed delivery again by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished
from integrations.github.client import Session

PAGES_READ = 30
"""Pages of a hundred deliveries looked back over at most."""


class HookConfig(Tolerant):
    url: str = ""
    content_type: str = ""
    insecure_ssl: str | int = "0"


class DeliveryItem(Tolerant):
    id: int
    guid: str = ""
    delivered_at: datetime
    status: str = ""
    status_code: int = 0
    event: str = ""

    @property
    def taken(self) -> bool:
        return 200 <= self.status_code < 400


_DELIVERIES = listed(DeliveryItem)


def failed_since(app: Session, since: datetime) -> tuple[DeliveryItem, ...]:
    """Newest attempts of deliveries that no attempt since then got through, oldest first."""
    newest: dict[str, DeliveryItem] = {}
    taken: set[str] = set()
    for item in _since(app, since):
        name = item.guid or str(item.id)
        newest.setdefault(name, item)
        if item.taken:
            taken.add(name)
    return tuple(reversed([item for name, item in newest.items() if name not in taken]))


def redeliver_failed(app: Session, since: datetime) -> int:
    """Ask for each failed delivery again; how many were asked for. One that GitHub no longer has is left to the sweep."""
    asked = 0
    for item in failed_since(app, since):
        try:
            app.send("POST", f"/app/hook/deliveries/{item.id}/attempts", {})
        except (Refused, Vanished):
            continue
        asked += 1
    return asked


def _since(app: Session, since: datetime) -> Iterator[DeliveryItem]:
    for number, page in enumerate(app.each_page("/app/hook/deliveries", _DELIVERIES)):
        for item in page:
            if item.delivered_at < since:
                return
            yield item
        if number + 1 >= PAGES_READ:
            return
