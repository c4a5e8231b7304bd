"""git over HTTP, through git's own `http-backend`. Who may do what is each forge's to say."""

from __future__ import annotations

import base64
import gzip
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from integrations.sandbox.git.machine import GIT, GIT_ENV


def asked(request: Request) -> tuple[str, str, str]:
    """The repository's name, what is asked below it, and for which service."""
    name, _, rest = request.url.path.lstrip("/").partition(".git/")
    return name, rest, request.query_params.get("service") or rest


def password(request: Request) -> str | None:
    """What git sent along as the password; None where it sent none, an empty one where it cannot be read."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def answer(
    request: Request, body: bytes, repository: Path, rest: str, settings: Mapping[str, str] = MappingProxyType({})
) -> Response:
    """What git answers to this request about that repository; `settings` are of git's own, for this once."""
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    environment = {
        **GIT_ENV,
        "GIT_PROJECT_ROOT": str(repository),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REQUEST_METHOD": request.method,
        "PATH_INFO": f"/{rest}",
        "QUERY_STRING": request.url.query,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_USER": "git",
        "REMOTE_ADDR": "127.0.0.1",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    done = subprocess.run([GIT, "http-backend"], env=environment, input=body, capture_output=True, check=False)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200 OK").split(" ")[0])
    return Response(content, status, headers)


def commands(body: bytes) -> list[tuple[str, str, str]]:
    """What a push wants to move, as `old`, `new` and the ref: pkt-lines up to the flush."""
    moves, at = [], 0
    while (size := int(body[at : at + 4] or b"0", 16)) > 4:
        line = body[at + 4 : at + size].split(b"\0")[0].decode("utf-8", "replace").strip()
        old, new, ref = (*line.split(" ", 2), "", "")[:3]
        moves.append((old, new, ref))
        at += size
    return moves
