"""What was handled a moment ago: Slack says an event again when its acknowledgement got lost, and once is enough."""

from __future__ import annotations

import threading
from collections import OrderedDict

KEPT = 2_000


class Recent:
    """The last ids seen. Safe to share among threads."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def first_time(self, id_: str) -> bool:
        """True once for each id; an empty id is always new."""
        with self._lock:
            if id_ and id_ in self._ids:
                return False
            self._ids[id_] = None
            if len(self._ids) > KEPT:
                self._ids.popitem(last=False)
            return True
