"""Which file of the change a path in a report means. Reports write paths of the machine that made them (`/build/7/src/a.py`).

A path stands for a file when it is the file's own, or ends with it below one root that the whole report shares. Where two roots
claim one file, neither is believed: taking the tests of another package for this one's would open the gate. The other way
round, a report's path shorter than the file's is never believed: `main.py` may be any package's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping


def normal(path: str) -> str:
    """One spelling: forward slashes, no leading `./`."""
    path = path.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return path


def match(reported: Iterable[str], files: Collection[str]) -> dict[str, str]:
    """The file of the change for each path of one report; paths that mean none of them, or cannot be told, are left out."""
    known = frozenset(files)
    paths = {path: normal(path) for path in reported}
    exact = {path: plain for path, plain in paths.items() if plain in known}
    if exact:
        return exact
    claims = {path: found for path, plain in paths.items() if (found := _longest(plain, known))}
    roots = {path: paths[path][: -len(found)] for path, found in claims.items()}
    root = _root(roots.values(), paths)
    disputed = {claims[path] for path, other in roots.items() if not other.startswith(root) and not root.startswith(other)}
    return {path: claims[path] for path, own in roots.items() if own == root and claims[path] not in disputed}


def _longest(path: str, known: frozenset[str]) -> str | None:
    """The longest tail of `path`, cut at slashes, that is a file of the change."""
    at = path.find("/")
    while at >= 0:
        if path[at + 1 :] in known:
            return path[at + 1 :]
        at = path.find("/", at + 1)
    return None


def _root(roots: Iterable[str], paths: Mapping[str, str]) -> str:
    """The folder that most claims share, the outermost of equals; empty where less than half of the report is below it."""
    counted = Counter(roots)
    best = min(counted, key=lambda root: (-counted[root], len(root), root), default="")
    below = sum(1 for plain in paths.values() if plain.startswith(best))
    return best if 2 * below >= len(paths) else ""


def may_mean(reported: str, path: str) -> bool:
    """Whether a finding's path could mean this file: in doubt yes, for a finding in doubt must not be lost."""
    plain = normal(reported)
    return not plain or plain == path or plain.endswith("/" + path) or path.endswith("/" + plain.lstrip("/"))
