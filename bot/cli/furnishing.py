"""What a playground starts with: the same people on every stand-in, their team, and a repository whose check is required."""

from __future__ import annotations

from bot.cli.layout import AUDIT_CHANNEL, CHANNEL, CHECK, SECURITY_TEAM, SITES, Cast, Layout
from bot.core.ids import ForgeName
from bot.ports.clock import Clock
from integrations.sandbox.github.fake import FakeGitHub
from integrations.sandbox.github.stage import GitHubStage
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.stage import GitLabStage
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.stage import ForgeStage


def seat(slack: FakeSlack, cast: Cast | None = None) -> dict[str, str]:
    """People in the chat, and the channels they share. Chat ids by name."""
    cast = cast or Cast()
    members = {name: slack.member(name.capitalize(), id=f"U0{name.upper()}").id for name in cast.numbers}
    for name, zone in cast.zones.items():
        slack.workspace.members[members[name]].tz = zone
    slack.channel("#reviews", id=CHANNEL)
    slack.channel("#llmgate-audit", id=AUDIT_CHANNEL)
    return members


def raise_stage(forge: ForgeName, layout: Layout, clock: Clock) -> ForgeStage:
    """A furnished stand-in of that forge, listening."""
    port = layout.ports[0] if forge == layout.forge else 0
    if forge == "gitlab":
        return furnish_gitlab(FakeGitLab(layout.folder / "gitlab", clock, port=port, licence=layout.licence), layout.cast)
    return furnish_github(FakeGitHub(layout.folder / "git", clock, port=port), layout.cast)


def furnish_github(github: FakeGitHub, cast: Cast) -> GitHubStage:
    """People, their team, the repository with its policy and owners, the protected branch."""
    for name, number in cast.numbers.items():
        github.user(name, id=number, name=name.capitalize(), emails=[f"{name}@acme.example"])
    github.team(SECURITY_TEAM, list(cast.security))
    site = SITES["github"]
    github.repository(site.repo, files=site.files(cast))
    github.protect(site.repo, "main", required_checks=[(CHECK, github.app.id)])
    return GitHubStage(github)


def furnish_gitlab(gitlab: FakeGitLab, cast: Cast) -> GitLabStage:
    """The same people, a group for their team, and a project that merges only what its pipeline let pass.

    Sam looks after the project; everybody else develops in it.
    """
    for name, number in cast.numbers.items():
        gitlab.user(name, id=number, name=name.capitalize(), emails=[f"{name}@acme.example"])
    gitlab.group(SECURITY_TEAM, dict.fromkeys(cast.security, Access.DEVELOPER))
    site = SITES["gitlab"]
    gitlab.project(site.repo, files=site.files(cast))
    gitlab.grant(site.repo, "sam", Access.MAINTAINER)
    gitlab.protect(site.repo, "main")
    gitlab.settings(site.repo).pipelines_must_succeed = True
    return GitLabStage(gitlab)
