"""What GraphQL objects see of the records: who looks, and the small objects everything else refers to.

A view has an attribute or a method for each field of its type, in Python's spelling; `Documents` translates the names.
What somebody may not see is null, without an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.sandbox.gitlab.auth import Caller
from integrations.sandbox.gitlab.model import Label, Note, Project
from integrations.sandbox.gitlab.people import Access, User
from integrations.sandbox.gitlab.state import World
from integrations.sandbox.gitlab.verbs import Verbs
from integrations.sandbox.graphql.documents import View


def gid(kind: str, number: int | str) -> str:
    """The global id of a record of that class."""
    return f"gid://gitlab/{kind}/{number}"


def number_of(given: str, kind: str) -> int | None:
    """What `gid` was made of; None for an id of something else."""
    number = given.removeprefix(f"gid://gitlab/{kind}/")
    return int(number) if number.isdigit() and number != given else None


def when(at: datetime | None) -> str | None:
    """GraphQL's spelling of an instant: UTC, whole seconds, `Z`."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


@dataclass(frozen=True, slots=True)
class Gaze:
    """Who looks at what."""

    verbs: Verbs
    caller: Caller

    @property
    def world(self) -> World:
        return self.verbs.world

    def sees(self, project: Project) -> bool:
        return self.world.visible(project, self.caller.user)

    def reads(self, project: Project) -> bool:
        """Code and merge requests: guests of a private project see neither."""
        return not project.private or self.world.access(project, self.caller.user) >= Access.REPORTER


class UserView(View):
    """`kind` is the type's name in the place where the user is told."""

    def __init__(self, gaze: Gaze, user: User, kind: str = "UserCore") -> None:
        self.typename = kind
        self.id = gid("User", user.id)
        self.username = user.username
        self.name = user.name or user.username
        self.bot = user.bot
        self.human = user.kind == "human"
        self.active = user.state == "active"
        self.state = user.state
        self.type = user.kind.upper()
        self.public_email = ""
        self.avatar_url = f"{gaze.world.url}/uploads/-/system/user/avatar/{user.id}/avatar.png"
        self.web_path = f"/{user.username}"
        self.web_url = gaze.world.url + self.web_path


class LabelView(View):
    typename = "Label"

    def __init__(self, label: Label) -> None:
        self.id = gid("ProjectLabel", label.id)
        self.title = label.name
        self.color = label.color
        self.text_color = "#FFFFFF"
        self.description = label.description


class NoteView(View):
    typename = "Note"

    def __init__(self, gaze: Gaze, note: Note) -> None:
        self._gaze = gaze
        self._note = note
        self.id = gid("Note", note.id)
        self.body = note.body
        self.created_at = when(note.created_at)
        self.updated_at = when(note.updated_at)
        self.system = note.system
        self.resolvable = note.resolvable
        self.resolved = note.resolved

    @property
    def author(self) -> UserView:
        return UserView(self._gaze, self._note.by)


def access_level(access: Access) -> dict[str, Any]:
    return {"integerValue": int(access), "stringValue": "NO_ACCESS" if access is Access.NONE else access.name}
