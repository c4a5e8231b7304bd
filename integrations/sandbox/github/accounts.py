"""What becomes of accounts, and how people sign in to the App: what a story does with them after it began."""

from __future__ import annotations

from integrations.sandbox.github.state import World
from integrations.sandbox.github.verbs import Verbs
from integrations.sandbox.oauth.application import Application


class Accounts:
    """The part of `FakeGitHub` that people's own accounts are about. None of this is told to the app."""

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

    def suspend(self, login: str) -> None:
        with self.world.lock:
            self.world.account(login).suspended_at = self.world.now()

    def reinstate(self, login: str) -> None:
        with self.world.lock:
            self.world.account(login).suspended_at = None

    def rename_user(self, login: str, new: str) -> None:
        """The number stays, and somebody else may take the old login."""
        with self.world.lock:
            self.world.rename(self.world.account(login), new)

    def delete_user(self, login: str) -> None:
        with self.world.lock:
            self.world.delete(self.world.account(login))
