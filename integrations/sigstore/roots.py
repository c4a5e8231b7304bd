"""Trusted roots that sigstore-python brings: read here without importing its clients."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from urllib.parse import quote

PUBLIC, STAGING = "https://tuf-repo-cdn.sigstore.dev", "https://tuf-repo-cdn.sigstage.dev"


def embedded_root(url: str) -> Path:
    """The trusted root of the public instance or of its staging twin, as of the installed release of sigstore-python."""
    with resources.as_file(resources.files("sigstore._store").joinpath(quote(url, safe=""), "trusted_root.json")) as path:
        return path
