"""The bot's own account is known from the first look, before anything it writes comes back as a webhook."""

from __future__ import annotations

from pathlib import Path

from integrations.gitlab.forge import GitLabForge
from tests.integrations.gitlab.desk import HOST, open_desk


def test_the_first_look_tells_whose_token_it_is(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        forge = GitLabForge(desk.client, HOST)
        assert forge.known_id == 0
        forge.fetch_change(desk.ref, None)
        desk.asked()
        assert (forge.known_id, forge.own_id()) == (desk.gitlab.bot.id, desk.gitlab.bot.id)
        assert desk.asked() == []


def test_without_a_look_it_is_asked_for_once(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        forge = GitLabForge(desk.client, HOST)
        assert [forge.own_id(), forge.own_id(), forge.known_id] == [desk.gitlab.bot.id] * 3
        assert desk.asked() == ["GET /user"]
