"""Pages of lists: by number with GitLab's headers, or by keyset with nothing but a link to the next."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from integrations.sandbox.gitlab.parameters import MAX_PER_PAGE, PER_PAGE
from integrations.sandbox.gitlab.refusal import Refusal

T = TypeVar("T")
MAX_COUNTED = 10_000
"""Of more than this GitLab says no total and no last page."""
_NO_KEYSET = "Keyset pagination is not yet available for this type of request"


@dataclass(frozen=True, slots=True)
class Window(Generic[T]):
    """The items of one page, its headers, and the parameters of the pages around it by their relation."""

    items: Sequence[T]
    headers: Mapping[str, str]
    around: Mapping[str, Mapping[str, str]]

    def link(self, address: str, given: Mapping[str, Any]) -> str:
        """The `Link` header: this address with the same parameters and another page."""
        pairs = [(name, {**given, **other}) for name, other in self.around.items()]
        return ", ".join(f'<{address}?{urlencode(each, doseq=True)}>; rel="{name}"' for name, each in pairs)


def by_number(items: Sequence[T], given: Mapping[str, Any]) -> Window[T]:
    if given.get("pagination") == "keyset":
        raise Refusal(405, _NO_KEYSET, body={"error": _NO_KEYSET})
    size, page = min(MAX_PER_PAGE, given.get("per_page", PER_PAGE)), given.get("page", 1)
    last = max(1, -(-len(items) // size))
    counted = len(items) <= MAX_COUNTED
    numbers = {"prev": page - 1 if page > 1 else 0, "next": page + 1 if page < last else 0, "first": 1}
    numbers |= {"last": last} if counted else {}
    headers = {
        "X-Per-Page": str(size),
        "X-Page": str(page),
        "X-Next-Page": str(numbers["next"] or ""),
        "X-Prev-Page": str(numbers["prev"] or ""),
    }
    headers |= {"X-Total": str(len(items)), "X-Total-Pages": str(last)} if counted else {}
    around = {name: {"page": str(each), "per_page": str(size)} for name, each in numbers.items() if each}
    return Window(items[(page - 1) * size : page * size], headers, around)


def by_id(ids: Sequence[int], items: Sequence[T], given: Mapping[str, Any], *, descending: bool) -> Window[T]:
    """Keyset pages in the order of ids, which `id_after` or `id_before` continue."""
    size = min(MAX_PER_PAGE, given.get("per_page", PER_PAGE))
    pairs = sorted(zip(ids, items, strict=True), key=lambda pair: pair[0], reverse=descending)
    after = given.get("id_after")
    if after is not None:
        pairs = [pair for pair in pairs if (pair[0] < after if descending else pair[0] > after)]
    shown = pairs[:size]
    more = {"next": {"id_after": str(shown[-1][0]), "per_page": str(size)}} if len(pairs) > size else {}
    return Window([item for _, item in shown], {"X-Per-Page": str(size)}, more)


def by_token(names: Sequence[str], items: Sequence[T], given: Mapping[str, Any]) -> Window[T]:
    """Keyset pages of git's own lists, continued after the name in `page_token`."""
    size = min(MAX_PER_PAGE, given.get("per_page", PER_PAGE))
    after = given.get("page_token")
    if after is not None and after not in names:
        raise Refusal(422, "Invalid page token", body={"message": f"Invalid page token: {after}"})
    start = 0 if after is None else names.index(after) + 1
    end = start + size
    more = {"next": {"page_token": names[end - 1], "per_page": str(size)}} if end < len(names) else {}
    return Window(items[start:end], {"X-Per-Page": str(size)}, more)


def cursor(position: int) -> str:
    """Where a GraphQL page ends: opaque to clients, as GitLab's are."""
    raw = json.dumps({"position": str(position)}, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def position(text: str) -> int | None:
    """What `cursor` was made of; None for anything else."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return int(found["position"])
    except (ValueError, KeyError, TypeError):
        return None
