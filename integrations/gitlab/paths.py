"""Where things are in GitLab's REST API."""

from __future__ import annotations

from urllib.parse import quote

from bot.core.ids import ChangeRef


def project_path(path: str) -> str:
    """A project by its path, which GitLab takes in one segment."""
    return f"/projects/{quote(path, safe='')}"


def change_path(change: ChangeRef) -> str:
    return f"{project_path(change.repo.path)}/merge_requests/{change.number}"


def is_below(group: str, path: str) -> bool:
    """Whether the project is somewhere below the group; every one is below none."""
    return not group or path.lower().startswith(f"{group.strip('/').lower()}/")
