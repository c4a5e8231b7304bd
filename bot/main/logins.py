"""Where people can sign in, as the settings say: each forge that has a client id, and the identity provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.config import Settings
from bot.ports.login import LoginProvider


def connect_logins(settings: Settings) -> Mapping[str, LoginProvider]:
    """By key, the identity provider first. A client is loaded where it is used."""
    return {login.key: login for login in _logins(settings)}


def _logins(settings: Settings) -> Iterator[LoginProvider]:
    oidc, github = settings.oidc, settings.github
    if oidc.issuer and oidc.client_id:
        from integrations.oidc.login import Asking, OidcLogin

        asking = Asking(tuple(dict.fromkeys(oidc.claims.values())))
        yield OidcLogin(oidc.client_id, oidc.client_secret.get_secret_value(), oidc.issuer, asking)
    if github.app_id and github.client_id:
        from integrations.github.login import GitHubLogin

        secret = github.client_secret.get_secret_value()
        yield GitHubLogin(github.client_id, secret, github.host, github.web_url, github.api_url)
    for entry in settings.gitlab.values():
        if entry.token.get_secret_value() and entry.client_id:
            from integrations.gitlab.login import GitLabLogin

            yield GitLabLogin(entry.client_id, entry.client_secret.get_secret_value(), entry.host, entry.root)
