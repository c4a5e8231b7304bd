"""Packages and their files as REST describes them."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from integrations.sandbox.gitlab.model import Package, PackageFile, Project
from integrations.sandbox.gitlab.render import when

PACKAGE_TYPE = "generic"
"""All that there are here."""


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


def file_json(package: Package, file: PackageFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "package_id": package.id,
        "created_at": when(file.at),
        "file_name": told_name(file.name),
        "size": len(file.content),
        "file_md5": None,
        "file_sha1": hashlib.sha1(file.content, usedforsecurity=False).hexdigest(),
        "file_sha256": hashlib.sha256(file.content).hexdigest(),
    }
