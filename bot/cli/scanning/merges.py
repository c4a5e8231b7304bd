"""What the message of a merge or squash tells of the change behind it: number, branch, title, body.

The forge's facts are gone from a local repository; what its merge button wrote into the message is left. A tenth of some
agents' changes show nothing but the branch name, and it stands there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GITHUB = re.compile(r"Merge pull request #(?P<number>\d+) from (?P<owner>[^/\s]+)/(?P<branch>\S+)")
BITBUCKET = re.compile(r"Merged in (?P<branch>\S+) \(pull request #(?P<number>\d+)\)")
AZURE = re.compile(r"Merged PR (?P<number>\d+): ")
PLAIN = re.compile(r"Merge (?:remote-tracking )?branch '(?P<branch>[^']+)'")
GITLAB = re.compile(r"(?m)^See merge request (?P<path>\S*)!(?P<number>\d+)\s*$")
SQUASHED = re.compile(r"\((?P<mark>[#!])(?P<number>\d+)\)\s*$")


@dataclass(frozen=True, slots=True)
class MergeWords:
    """`mark` is how the forge writes the number (`#`, `!`); no number: none was told. `path` is the project's, if told."""

    title: str
    body: str = ""
    branch: str = ""
    number: int = 0
    mark: str = "#"
    path: str = ""

    @property
    def name(self) -> str:
        return f"{self.mark}{self.number}" if self.number else ""


def merge_words(message: str, merge: bool) -> MergeWords:
    """Read the message of one commit of the first-parent line. The body of a plain commit is the commit's, not the change's."""
    subject, _, rest = message.partition("\n")
    subject, body = subject.strip(), rest.strip()
    request = GITLAB.search(body)
    if not merge:
        return _squash_words(subject, request)
    found = GITHUB.match(subject) or BITBUCKET.match(subject)
    if found:
        return MergeWords(body.partition("\n")[0] or subject, body, found["branch"], int(found["number"][:9]))
    if azure := AZURE.match(subject):
        return MergeWords(subject[azure.end() :] or subject, body, "", int(azure["number"][:9]))
    branch = PLAIN.match(subject)
    if request:
        title = body.partition("\n")[0] if branch else subject
        return MergeWords(title, body, branch["branch"] if branch else "", int(request["number"][:9]), "!", request["path"])
    return MergeWords(subject, body, branch["branch"].removeprefix("origin/") if branch else "")


def _squash_words(subject: str, request: re.Match[str] | None) -> MergeWords:
    """GitLab's templates may end a squashed message, too, with the merge request it came from."""
    squashed = SQUASHED.search(subject)
    if squashed:
        return MergeWords(subject, "", "", int(squashed["number"][:9]), squashed["mark"])
    if request:
        return MergeWords(subject, "", "", int(request["number"][:9]), "!", request["path"])
    return MergeWords(subject)
