"""`llmgate provenance emit`: a document at the point of generation, for an IDE plug-in, an agent's or git's hook, a bot.

The document is read back with the gate's own reader before anything is written, so what is emitted is never refused later.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.cli.emission.files import Generated, digests, find_root, locate, read
from bot.cli.emission.marker import Marker
from bot.cli.emission.marking import mark_attributes, mark_headers
from bot.cli.emission.prompt import digest_prompt
from bot.cli.emission.refusal import NotEmitted
from bot.cli.emission.written import replace_file
from bot.cli.outcome import fail
from bot.core.provenance.envelope import enclose
from bot.core.provenance.model import Refusal
from bot.core.provenance.read import read_document
from bot.core.provenance.schema import SCHEMA_ID
from bot.core.provenance.strict_json import Json
from integrations.sigstore.bundle import is_bundle

FOLDER = ".llmgate/provenance"
BARE, SIGNED = ".json", ".sigstore.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FIRST_OF = 40


@dataclass(frozen=True, slots=True)
class Generation:
    """What is said of the generation, as it was given."""

    model_name: str
    model_version: str
    model_provider: str
    prompt_version: str
    user: str
    agent: str
    descriptor: str = ""
    template: str = ""
    tools: tuple[str, ...] = ()
    """`name@version`, each."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Where the prompt is read (`-`: standard input), and the key its digest is made under."""

    source: Path
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """How it is written: under which name, signed by which key, with which marker in the files."""

    name: str = ""
    sign: Path | None = None
    marker: Marker = "none"


def run_emit(generation: Generation, prompt: Prompt, output: Output, files: Sequence[Path]) -> None:
    try:
        written, left = _emit(generation, prompt, output, files)
    except NotEmitted as error:
        fail(str(error))
    for line in left:
        typer.echo(f"not marked: {line}", err=True)
    typer.echo(written)


def _emit(generation: Generation, prompt: Prompt, output: Output, named: Sequence[Path]) -> tuple[str, list[str]]:
    """The path that was written, and the files that could not be marked. Everything that can be refused is, before that."""
    root = find_root(Path.cwd())
    files = locate(root, named)
    name = output.name or _name_of(files)
    if not _NAME.fullmatch(name):
        raise NotEmitted(
            f"saw --name {name[:100]!r}; wanted letters, digits, `.`, `_` and `-`, beginning with one of the former"
        )
    said = _said(generation) | {"prompt_hash": digest_prompt(prompt.source, prompt.key)}
    _checked(said | {"files_generated": digests(root, files)}, name)
    wrap = _signer(output.sign)
    folder = _folder(root)
    stale = [one for one in (folder / f"{name}{BARE}", folder / f"{name}{SIGNED}") if _holds_provenance(one)]
    left = _mark(root, files, generation.agent, output.marker)
    document = said | {"files_generated": digests(root, files)}
    target = folder / f"{name}{SIGNED if output.sign else BARE}"
    replace_file(target, wrap(_checked(document, name), document))
    for one in stale:
        if one != target:  # an unsigned document beside the signed one would still be judged
            one.unlink(missing_ok=True)
    return target.relative_to(root).as_posix(), left


def _said(generation: Generation) -> dict[str, Json]:
    """The document but for the prompt's digest and the files."""
    said: dict[str, Json] = {
        "schema": SCHEMA_ID,
        "model_name": generation.model_name,
        "model_version": generation.model_version,
        "model_provider": generation.model_provider,
        "prompt_version": generation.prompt_version,
        "user_id": generation.user,
        "agent_id": generation.agent,
        "timestamp": _now().isoformat(),
    }
    if generation.tools:
        said["tooling_chain"] = [_tool(tool) for tool in generation.tools]
    return said | {
        key: text for key, text in (("descriptor", generation.descriptor), ("template", generation.template)) if text
    }


def _tool(said: str) -> Json:
    name, _, version = said.rpartition("@")
    if not name or not version:
        raise NotEmitted(f"saw --tool {said[:100]!r}; wanted name@version, as in eslint@9.1.0")
    return {"name": name, "version": version}


def _checked(document: dict[str, Json], name: str) -> bytes:
    """The document's bytes, once the gate's reader has taken them."""
    content = json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
    taken = read_document(content, f"{FOLDER}/{name}{BARE}")
    if isinstance(taken, Refusal):
        raise NotEmitted(f"the document would be refused: saw {taken.saw}; wanted {taken.wanted}; nothing was written")
    return content


Wrap = Callable[[bytes, dict[str, Json]], bytes]


def _signer(key_file: Path | None) -> Wrap:
    """What turns a document into the file's content. The key is read here, before anything is written."""
    if key_file is None:
        return lambda content, _: content
    from integrations.sigstore.keys import BadKey, load_key
    from integrations.sigstore.signer import KeySigner

    try:
        signer = KeySigner(load_key(key_file))
    except BadKey as error:
        raise NotEmitted(str(error)) from None
    return lambda _, document: signer.sign(enclose(document)) + b"\n"


def _folder(root: Path) -> Path:
    folder = root / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotEmitted(f"saw {FOLDER}: {error.strerror}; wanted a folder that can be written") from None
    if folder.resolve() != folder:
        raise NotEmitted(f"saw {FOLDER} lead to {folder.resolve()}; wanted a plain folder of the repository, as git stores it")
    return folder


def _holds_provenance(path: Path) -> bool:
    """Whether an earlier document is there. Anything else of that name is not overwritten."""
    if not path.exists() and not path.is_symlink():
        return False
    content = read(path) if path.is_file() and not path.is_symlink() else b""
    if is_bundle(content) or not isinstance(read_document(content, path.name), Refusal):
        return True
    raise NotEmitted(
        f"saw {FOLDER}/{path.name}, which is no provenance document; wanted not to overwrite it; use another --name"
    )


def _mark(root: Path, files: Sequence[Generated], agent: str, marker: Marker) -> list[str]:
    if marker == "attributes":
        mark_attributes(root, files)
    if marker != "header":
        return []
    return [f"{one.path} ({one.reason})" for one in mark_headers(files, agent)]


def _name_of(files: Sequence[Generated]) -> str:
    """The first file's name and a digest of all paths: attesting the same files again replaces their document."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(files[0].path).stem).strip("-_")[:_FIRST_OF] or "generation"
    paths = "\0".join(one.path for one in files).encode()
    return f"{stem}-{hashlib.sha256(paths).hexdigest()[:8]}"


def _now() -> datetime:
    """The moment of generation is this machine's; microseconds say nothing."""
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - see above
