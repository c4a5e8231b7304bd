"""Packages and their files as REST describes them."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from integrations.sandbox.gitlab.model import Package, Project
from integrations.sandbox.gitlab.render import when

PACKAGE_TYPE = "generic"
"""All that there are here."""


def file_id(package: Package, name: str) -> int:
    """The id of a file, which lasts as long as the package."""
    return package.id * 1_000 + list(package.files).index(name) + 1


def told_name(name: str) -> str:
    """With a folder before it, all of a file's name is told percent-encoded."""
    return quote(name, safe="") if "/" in name else name


def package_json(project: Project, package: Package) -> dict[str, Any]:
    return {
        "id": package.id,
        "name": package.name,
        "version": package.version,
        "package_type": PACKAGE_TYPE,
        "status": "default",
        "_links": {"web_path": f"/{project.path}/-/packages/{package.id}"},
        "created_at": when(package.at or project.created_at),
        "last_downloaded_at": None,
        "tags": [],
    }


def file_json(package: Package, name: str) -> dict[str, Any]:
    content = package.files[name]
    return {
        "id": file_id(package, name),
        "package_id": package.id,
        "created_at": when(package.at),
        "file_name": told_name(name),
        "size": len(content),
        "file_md5": None,
        "file_sha1": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        "file_sha256": hashlib.sha256(content).hexdigest(),
    }
