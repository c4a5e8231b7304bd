"""Performing actions on GitLab, so that doing one twice shows it once.

What an earlier delivery returned is edited; what is gone is made anew. A delivery in doubt (a crash may have performed it)
looks for its own trace first: the bot's newest status of its name, a hidden mark in a note of the bot's. An answer for a
head that is no longer the head is left: the newer head has a verdict of its own.

An external status check that is told to wait fails by itself after two minutes, so it is told `failed` at once while people
are awaited, and `passed` when they have decided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import assert_never

from bot.core.actions import ForgeAction, PostReview, PublishSummary, SetCheck, SetComment, SetLabels
from bot.core.ids import ChangeRef
from bot.core.labels import LABELS, OTHER_LABEL
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Conflict, Refused, Vanished, WorldError
from bot.ports.forge import IN_DOUBT
from integrations.gitlab.carriers import Carriers
from integrations.gitlab.client import Client
from integrations.gitlab.paths import change_path, project_path
from integrations.gitlab.pipelines import HeadPipelines
from integrations.gitlab.reviews import approvals
from integrations.gitlab.statuses import NotThere, StatusPoster
from integrations.gitlab.summaries import publish
from integrations.gitlab.surfaces import RESOLVES, STICKY, marked, note_text, passes


class WriterItem(Tolerant):
    id: int = 0


class NoteItem(Tolerant):
    id: int
    body: str | None = None
    author: WriterItem | None = None
    system: bool = False
    resolvable: bool = False


class DiscussionItem(Tolerant):
    id: str
    notes: tuple[NoteItem, ...] = ()


_NOTES, _DISCUSSIONS = listed(NoteItem), listed(DiscussionItem)


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Performs actions as the bot. `own_id` says its account's number; `seen` where a head's status counts."""

    carriers: Carriers
    own_id: Callable[[], int]
    seen: HeadPipelines
    _dressed: set[tuple[str, str]] = field(default_factory=set)
    """Labels that are known to be there, by project."""

    def deliver(self, client: Client, action: ForgeAction, external_id: str | None) -> str:
        """As `bot.ports.forge.Forge.deliver` says. Its key has no place on GitLab, so what is shown is compared instead."""
        in_doubt = external_id is not None and external_id.startswith(IN_DOUBT)
        if external_id:
            external_id = external_id.removeprefix(IN_DOUBT) or IN_DOUBT
        match action:
            case SetCheck():
                return self._check(client, action, external_id, in_doubt)
            case SetLabels():
                return self._labels(client, action)
            case SetComment():
                return self._comment(client, action, external_id)
            case PostReview():
                return self._review(client, action, external_id)
            case PublishSummary():
                return publish(client, action, external_id)
        assert_never(action)

    def _check(self, client: Client, action: SetCheck, external_id: str | None, in_doubt: bool) -> str:
        """Every carrier that is in force, and none waits for another: what fails at one must not keep another green.

        Where a fork keeps the status out, another one has to carry the verdict.
        """
        showing, change = self.carriers.showing, action.change
        ways: list[Callable[[], str]] = []
        if showing.wants("status") or change is None:
            poster = StatusPoster(showing.check_name, self.own_id, self.seen)
            ways.append(partial(poster.show, client, action, external_id, in_doubt))
        if change is not None:
            ways += [partial(self._external, client, action, change), partial(self._approval, client, action, change)]
        shown, failed = _each(ways)
        if broken := [error for error in failed if not isinstance(error, NotThere)]:
            raise broken[0]
        if not shown:
            raise (
                failed[0]
                if failed
                else Refused(
                    f"saw no carrier for {change}: the settings want no commit status, and GitLab asks no external status "
                    f"check named {showing.check_name}; make one (Ultimate), or add `status` to this host's carriers"
                )
            )
        return shown[0]

    def _external(self, client: Client, action: SetCheck, change: ChangeRef) -> str:
        """Answer the external status check; nothing where it is not asked of this merge request."""
        number = self.carriers.external_of(client, change)
        if not number:
            return ""
        body = {
            "sha": action.head_sha,
            "external_status_check_id": number,
            "status": "passed" if passes(action.state) else "failed",
        }
        try:
            client.send("POST", f"{change_path(change)}/status_check_responses", body)
        except (Refused, Vanished):
            self.carriers.forget(change)
            if self.carriers.external_of(client, change) == number:
                raise
            return ""  # the check, or the licence for it, is gone
        except Conflict:
            pass  # not the head any more
        return f"external:{number}"

    def _approval(self, client: Client, action: SetCheck, change: ChangeRef) -> str:
        if not self.carriers.showing.wants("approval"):
            return ""
        done = f"approval:{change.number}"
        try:
            if passes(action.state):
                client.send("POST", f"{change_path(change)}/approve", {"sha": action.head_sha})
            else:
                client.send("POST", f"{change_path(change)}/unapprove", {})
        except Conflict:
            return done  # not the head any more
        except Vanished:
            if passes(action.state):
                raise
        except Refused:
            if self._has_approved(client, change) != passes(action.state):
                raise
        return done

    def _has_approved(self, client: Client, change: ChangeRef) -> bool:
        """GitLab answers the same to who approved already and to who may not."""
        return any(given.user.id == self.own_id() for given in approvals(client, change))

    def _labels(self, client: Client, action: SetLabels) -> str:
        for name in action.add:
            if (action.change.repo.key, name) not in self._dressed:
                _dress(client, action.change, name)
                self._dressed.add((action.change.repo.key, name))
        wanted = {"add_labels": ",".join(action.add), "remove_labels": ",".join(action.remove)}
        body = {field: names for field, names in wanted.items() if names}
        if body:
            client.send("PUT", change_path(action.change), body)
        return "labels"

    def _comment(self, client: Client, action: SetComment, external_id: str | None) -> str:
        notes, body = f"{change_path(action.change)}/notes", {"body": note_text(action)}
        number = external_id if external_id and external_id != IN_DOUBT else self._sticky(client, notes)
        if number:
            try:
                return str(client.write("PUT", f"{notes}/{number}", body, NoteItem).id)
            except Vanished:
                number = self._sticky(client, notes)
        if number:
            return str(client.write("PUT", f"{notes}/{number}", body, NoteItem).id)
        return str(client.write("POST", notes, body, NoteItem).id)

    def _sticky(self, client: Client, notes: str) -> str | None:
        """The note that carries our mark and that GitLab says our account wrote: anybody can copy a mark.

        A Maintainer may have rewritten it, mark and all, and its words still stand under the bot's name: the bot writes no
        other note outside threads, so that one is taken where none is marked.
        """
        rewritten = None
        for page in client.each_page(notes, _NOTES, {"sort": "asc", "order_by": "created_at"}):
            for note in page:
                if self._ours(note, STICKY):
                    return str(note.id)
                if rewritten is None and self._ours(note, "") and not (note.system or note.resolvable):
                    rewritten = str(note.id)
        return rewritten

    def _review(self, client: Client, action: PostReview, external_id: str | None) -> str:
        path, mark = f"{change_path(action.change)}/discussions", f"<!-- llmgate: review {action.key} -->"
        if external_id == IN_DOUBT:
            for page in client.each_page(path, _DISCUSSIONS):
                for thread in page:
                    if any(self._ours(note, mark) for note in thread.notes):
                        return thread.id
        elif external_id:
            return external_id
        body = {"body": marked(f"{action.body}\n\n{RESOLVES}", mark)}
        return client.write("POST", path, body, DiscussionItem).id

    def _ours(self, note: NoteItem, mark: str) -> bool:
        return note.author is not None and note.author.id == self.own_id() and mark in (note.body or "")


def _each(ways: Sequence[Callable[[], str]]) -> tuple[list[str], list[WorldError]]:
    """Go every way, whatever becomes of the others: what is shown now, and what failed."""
    shown: list[str] = []
    failed: list[WorldError] = []
    for way in ways:
        try:
            shown += [said for said in [way()] if said]
        except WorldError as error:
            failed.append(error)
    return shown, failed


def _dress(client: Client, change: ChangeRef, name: str) -> None:
    """GitLab makes an unknown label without a word; make it first, and say what it means."""
    look = LABELS.get(name, OTHER_LABEL)
    body = {"name": name, "color": f"#{look.colour}", "description": look.description}
    try:
        client.send("POST", f"{project_path(change.repo.path)}/labels", body)
    except (Conflict, Refused, Vanished):
        return  # it is there, in the project or a group above; or it comes with its first use
