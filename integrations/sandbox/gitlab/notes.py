"""What is said on merge requests: notes, threads that wait to be resolved, and the notes GitLab itself writes."""

from __future__ import annotations

import hashlib

from integrations.sandbox.gitlab.announce import Announcer
from integrations.sandbox.gitlab.model import MergeRequest, Note
from integrations.sandbox.gitlab.people import Access, User
from integrations.sandbox.gitlab.refusal import forbidden, invalid, not_found

MAX_NOTE = 1_000_000


class Notes:
    def __init__(self, tell: Announcer) -> None:
        self._tell = tell
        self._world = tell.world

    def comment(self, mr: MergeRequest, body: str, by: User) -> Note:
        return self._add(mr, body, by)

    def discuss(self, mr: MergeRequest, body: str, by: User) -> Note:
        """Open a thread: it can be resolved, and may have to be before merging."""
        return self._add(mr, body, by, resolvable=True)

    def reply(self, mr: MergeRequest, discussion: str, body: str, by: User) -> Note:
        first = self.thread(mr, discussion)[0]
        return self._add(mr, body, by, discussion=discussion, resolvable=first.resolvable)

    def thread(self, mr: MergeRequest, discussion: str) -> list[Note]:
        found = [note for note in mr.notes if note.discussion == discussion]
        if not found:
            raise not_found("Discussion")
        return found

    def resolve(self, mr: MergeRequest, discussion: str, resolved: bool, by: User) -> None:
        """For who may push, and for who opened the merge request."""
        notes = self.thread(mr, discussion)
        if not (by is mr.by or self._world.develops(mr.project, by)):
            raise forbidden()
        for note in notes:
            note.resolved = resolved and note.resolvable
        mr.updated_at = self._world.now()

    def find(self, mr: MergeRequest, note_id: int) -> Note:
        for note in mr.notes:
            if note.id == note_id:
                return note
        raise not_found()

    def edit(self, mr: MergeRequest, note: Note, body: str, by: User) -> None:
        self._own(mr, note, by)
        note.body, note.updated_at, note.updated_by = _checked(body), self._world.now(), by
        mr.updated_at = note.updated_at
        self._tell.note("update", mr, note)

    def delete(self, mr: MergeRequest, note: Note, by: User) -> None:
        """GitLab tells nobody of it."""
        self._own(mr, note, by)
        mr.notes.remove(note)
        mr.updated_at = self._world.now()

    def system(self, mr: MergeRequest, body: str, by: User) -> None:
        """A line of GitLab's own about what `by` did."""
        self._append(mr, body, by).system = True

    def _own(self, mr: MergeRequest, note: Note, by: User) -> None:
        if note.system or not (note.by is by or self._world.access(mr.project, by) >= Access.MAINTAINER):
            raise forbidden()

    def _add(self, mr: MergeRequest, body: str, by: User, *, discussion: str = "", resolvable: bool = False) -> Note:
        if not self._world.reads(mr.project, by):
            raise not_found()
        if mr.project.archived:
            raise forbidden()
        note = self._append(mr, _checked(body), by)
        note.discussion, note.resolvable = discussion or note.discussion, resolvable
        self._tell.note("create", mr, note)
        return note

    def _append(self, mr: MergeRequest, body: str, by: User) -> Note:
        now, number = self._world.now(), self._world.next_id("note")
        note = Note(
            number, body, by, now, now, hashlib.sha1(f"discussion {number}".encode(), usedforsecurity=False).hexdigest()
        )
        mr.notes.append(note)
        mr.updated_at = now
        return note


def _checked(body: str) -> str:
    if not body.strip():
        raise invalid("note", "can't be blank")
    if len(body) > MAX_NOTE:
        raise invalid("note", f"is too long (maximum is {MAX_NOTE} characters)")
    return body
