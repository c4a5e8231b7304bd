"""The whole route table."""

from __future__ import annotations

from integrations.sandbox.gitlab import (
    routes_checks,
    routes_hooks,
    routes_merge_requests,
    routes_notes,
    routes_packages,
    routes_people,
    routes_pipelines,
    routes_projects,
    routes_repository,
)
from integrations.sandbox.gitlab.call import Routes

ROUTES = Routes()
for _table in (
    routes_people,
    routes_projects,
    routes_hooks,
    routes_merge_requests,
    routes_notes,
    routes_checks,
    routes_pipelines,
    routes_repository,
    routes_packages,
):
    ROUTES.include(_table.ROUTES)
