"""The whole route table."""

from __future__ import annotations

from integrations.sandbox.github import (
    routes_app,
    routes_attestations,
    routes_checks,
    routes_contents,
    routes_issues,
    routes_login,
    routes_people,
    routes_pulls,
)
from integrations.sandbox.github.call import Routes

ROUTES = Routes()
for _table in (
    routes_app,
    routes_login,
    routes_attestations,
    routes_pulls,
    routes_checks,
    routes_issues,
    routes_people,
    routes_contents,
):
    ROUTES.include(_table.ROUTES)
