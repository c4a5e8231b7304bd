"""Reaching the stand-in as clients do: python-gitlab with somebody's token."""

from __future__ import annotations

from typing import Any

from gitlab import Gitlab

from integrations.sandbox.gitlab.fake import FakeGitLab


def client(fake: FakeGitLab, token: str = "", **settings: Any) -> Gitlab:
    """The bot's client, unless another token is given. It neither waits nor tries again."""
    return Gitlab(fake.url, private_token=token or fake.bot_token, retry_transient_errors=False, **settings)


def graph(fake: FakeGitLab, query: str, token: str = "", **variables: Any) -> dict[str, Any]:
    """The whole answer to a GraphQL document, errors and all."""
    sent = {"query": query, "variables": variables}
    told = client(fake, token).http_post(f"{fake.url}/api/graphql", post_data=sent)
    assert isinstance(told, dict), told
    return told


def on_change(fake: FakeGitLab, selection: str, token: str = "", iid: int = 1) -> Any:
    """What is selected of a merge request of the shop."""
    query = f'query Look {{ project(fullPath: "acme/web/shop") {{ mergeRequest(iid: "{iid}") {{ {selection} }} }} }}'
    return graph(fake, query, token)["data"]["project"]["mergeRequest"]


def on_repository(fake: FakeGitLab, selection: str, token: str = "") -> Any:
    query = f'query Look {{ project(fullPath: "acme/web/shop") {{ repository {{ {selection} }} }} }}'
    return graph(fake, query, token)["data"]["project"]["repository"]
