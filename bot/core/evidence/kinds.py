"""What a path holds, judged by its name: code that coverage can speak of, a test, or something else.

Unknown kinds count as code, so that an unusual ending does not escape measuring. Declarative kinds that no coverage tool runs
are left out, because a threshold on them could never be met; other rules look at those (paths, scans).
"""

from __future__ import annotations

import re

_NOT_RUN = frozenset({
    # prose
    "adoc", "md", "mdx", "org", "rst", "tex", "txt",
    # data and settings
    "cfg", "conf", "csv", "editorconfig", "env", "gitattributes", "gitignore", "ini", "ipynb", "json", "json5",
    "jsonc", "jsonl", "lock",
    "mod", "ndjson", "parquet", "patch", "plist", "po", "pot", "properties", "snap", "sum", "toml", "tsv", "xml",
    "xsd", "yaml", "yml",
    # declared, not run under a coverage tool
    "bicep", "css", "d.ts", "graphql", "hcl", "htm", "html", "less", "pom", "proto", "pyi", "sass", "scss", "sql",
    "svg", "tf", "tfvars",
    # pictures, fonts, sound, archives, keys
    "avif", "bmp", "crt", "eot", "gif", "gz", "icns", "ico", "jpeg", "jpg", "mp3", "mp4", "otf", "pdf", "pem",
    "png", "tif", "tiff",
    "ttf", "wav", "webm", "webp", "woff", "woff2", "zip",
})  # fmt: skip
_NOT_RUN_NAMES = frozenset({
    "authors", "changelog", "codeowners", "contributing", "copying", "dockerfile", "license", "licence", "makefile",
    "notice", "owners",
    "procfile", "readme", "py.typed",
})  # fmt: skip
_PROSE = frozenset({"adoc", "md", "mdx", "org", "rst", "tex", "txt"})
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs", "testdata"})
_TEST_NAME = re.compile(
    r"test_[^/]*\.py|[^/]*_test\.(?:py|go|rb|exs|dart|cc|cpp)|[^/]*[._-](?:test|spec)\.[cm]?[jt]sx?|[^/]*_spec\.rb"
    r"|conftest\.py|[^/]+Tests?\.(?:java|kt|cs|scala|swift|php)"
)


def is_code(path: str) -> bool:
    """Whether lines of this file run, so that coverage and mutation can speak of them."""
    return ending(path) not in _NOT_RUN and name(path).lower() not in _NOT_RUN_NAMES and not path.lower().endswith(".d.ts")


def is_prose(path: str) -> bool:
    """Whether the file is text for people, where a marker is a mention."""
    return ending(path) in _PROSE


def is_test(path: str) -> bool:
    """Whether the file is a test by its name or folder: what it covers counts, its own lines do not."""
    folders = path.lower().split("/")[:-1]
    return bool(_TEST_NAME.fullmatch(name(path))) or any(folder in _TEST_FOLDERS for folder in folders)


def name(path: str) -> str:
    return path.rpartition("/")[2]


def ending(path: str) -> str:
    """What follows the last dot of the name, in lower case; `.gitignore` ends in `gitignore`."""
    return name(path).rpartition(".")[2].lower() if "." in name(path) else ""
