"""What becomes of accounts, and how people sign in: what a story does with them after it began."""

from __future__ import annotations

from datetime import datetime

from integrations.sandbox.gitlab.state import World
from integrations.sandbox.gitlab.verbs import Verbs
from integrations.sandbox.oauth.application import Application


class Accounts:
    """The part of `FakeGitLab` that people's own accounts are about. None of this is told to anybody."""

    world: World
    verbs: Verbs

    @property
    def application(self) -> Application:
        return self.verbs.sign_in.application

    def sign_in(self, authorize_url: str, as_login: str) -> str:
        """Do what the page's button does: where the browser goes, with `code` and `state`. Raises Refusal for an error page."""
        with self.world.lock:
            return self.verbs.sign_in.agree(self.verbs.sign_in.query_of(authorize_url), as_login)

    def cancel_sign_in(self, authorize_url: str) -> str:
        """Press Cancel: where the browser goes, with `error` and `state`."""
        with self.world.lock:
            return self.verbs.sign_in.cancel(self.verbs.sign_in.query_of(authorize_url))

    def signed_in_since(self, username: str, at: datetime) -> None:
        """That user has a session of then, which is enough for an application that does not ask for more."""
        with self.world.lock:
            self.verbs.sign_in.sessions[self.world.user(username).id] = at

    def suspend(self, login: str) -> None:
        """GitLab says: block."""
        with self.world.lock:
            self.world.user(login).state = "blocked"

    def reinstate(self, login: str) -> None:
        with self.world.lock:
            self.world.user(login).state = "active"

    def rename_user(self, login: str, new: str) -> None:
        """The number stays, and somebody else may take the old username."""
        with self.world.lock:
            self.world.rename(self.world.user(login), new)

    def delete_user(self, login: str) -> None:
        with self.world.lock:
            self.world.delete(self.world.user(login))
