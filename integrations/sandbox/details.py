"""What people may say with a deed, on every forge alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

Files = Mapping[str, str | bytes | None]
"""Content by path; None removes the path."""


class CommitDetails(TypedDict, total=False):
    """How a pushed commit is made. Persons are logins or `Name <address>`."""

    author: str
    committer: str
    message: str
    by: str
    """Login of who pushes. Author and committer default to them."""
    onto: str
    """Parent by branch or id, instead of the branch's own tip: the push is then forced."""


class PushDetails(CommitDetails, total=False):
    force: bool


class OpenDetails(TypedDict, total=False):
    base: str
    title: str
    body: str
    draft: bool
    labels: tuple[str, ...]


class EditDetails(TypedDict, total=False):
    title: str
    body: str
    base: str


class FaultDetails(TypedDict, total=False):
    times: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    after: bool
    """The request is carried out, and only its answer is lost."""


def as_bytes(files: Files) -> dict[str, bytes | None]:
    """As git takes them."""
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
