"""Which installation of the app a repository or an organisation belongs to: learned from webhooks, else asked for once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.core.ids import RepoRef
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished
from integrations.github.client import Session, Sessions


class OwnerItem(Tolerant):
    login: str = ""


class InstallationItem(Tolerant):
    id: int
    account: OwnerItem = OwnerItem()
    app_slug: str = ""
    suspended_at: datetime | None = None


class RepositoryItem(Tolerant):
    full_name: str
    archived: bool = False
    disabled: bool = False


class RepositoryPage(Tolerant):
    repositories: list[RepositoryItem]


_INSTALLATIONS = listed(InstallationItem)


def _repositories(page: object) -> list[RepositoryItem]:
    return RepositoryPage.model_validate(page).repositories


class Installations:
    """Thread-safe. What is remembered is forgotten when GitHub says it no longer holds."""

    def __init__(self, sessions: Sessions, host: str) -> None:
        self._sessions = sessions
        self._host = host
        self._known: dict[str, int] = {}
        self.app_slug = ""
        """The app's slug, once any installation was read."""
        self._lock = threading.Lock()

    def learn(self, path: str, installation: int) -> None:
        """What a webhook said. A wrong number costs one refused call and is then forgotten."""
        with self._lock:
            self._known[path.lower()] = installation

    @contextmanager
    def session(self, repo: RepoRef) -> Generator[Session, None, None]:
        """Calls on this repository."""
        with self._of(repo.path, self._of_repository) as session:
            yield session

    @contextmanager
    def organisation(self, name: str) -> Generator[Session, None, None]:
        """Calls on this organisation's members."""
        with self._of(name, self._of_owner) as session:
            yield session

    @contextmanager
    def anyone(self) -> Generator[Session, None, None]:
        """Calls that every installation may make."""
        known = next(iter(tuple(self._known)), None)
        if known is None:
            found = next(self.each(), None)
            if found is None:
                raise Refused("saw no installation of the app; wanted one: install the app")
            yield found[1]
            return
        with self._of(known, self._of_owner) as session:
            yield session

    def each(self) -> Iterator[tuple[int, Session]]:
        """Every installation that is not suspended."""
        for installation in self._sessions.app().pages("/app/installations", _INSTALLATIONS).items:
            self.app_slug = installation.app_slug
            if installation.suspended_at is None:
                yield installation.id, self._sessions.installation(installation.id)

    def repositories(self) -> tuple[RepoRef, ...]:
        """Every repository of every installation that is not suspended, archived or disabled."""
        found: list[RepoRef] = []
        for number, session in self.each():
            for item in session.pages("/installation/repositories", _repositories).items:
                self.learn(item.full_name, number)
                if not (item.archived or item.disabled):
                    found.append(RepoRef("github", self._host, item.full_name))
        return tuple(found)

    @contextmanager
    def _of(self, name: str, ask: Callable[[str], int]) -> Generator[Session, None, None]:
        number = self._known.get(name.lower())
        if number is None:
            number = ask(name)
            self.learn(name, number)
        try:
            yield self._sessions.installation(number)
        except (Refused, Vanished):
            with self._lock:
                self._known.pop(name.lower(), None)
            raise

    def _of_repository(self, path: str) -> int:
        try:
            return self._sessions.app().get(f"/repos/{path}/installation", InstallationItem).id
        except Vanished:
            raise Refused(f"saw no installation of the app on {path}; wanted one: install the app there") from None

    def _of_owner(self, login: str) -> int:
        for found in self._sessions.app().pages("/app/installations", _INSTALLATIONS).items:
            if found.account.login.lower() == login.lower():
                return found.id
        raise Refused(f"saw no installation of the app in {login}; wanted one: install the app there")
