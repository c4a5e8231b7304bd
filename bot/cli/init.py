"""`llmgate init`: settings, keys and people's mapping, without ever overwriting what is there.

Run again, it asks only for what is still missing. Nothing is written before the last answer, so that leaving halfway
leaves nothing half done. Paths are written absolute: the gate may later be started from anywhere.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from bot.cli.outcome import USAGE, fail
from bot.cli.setup.answers import BadAnswer, made_secret
from bot.cli.setup.forges import account_lines, connected, sections, setting
from bot.cli.setup.log_key import KEY_FILE, LOCAL, ORIGIN, log_values, make_log_key
from bot.cli.setup.next_steps import next_steps
from bot.cli.setup.questions import ask_forges, ask_missing, questions
from bot.cli.setup.settings_text import CannotMerge, held_values, with_values, write_secret
from integrations.sigstore.keys import BadKey, fingerprint, load_key, make_key, public_path, public_pem

PLAIN = {
    "web.public_url", "web.host", "web.port", "github.host", "github.app_id", "github.private_key_file", "github.api_url",
    "github.check_name", "github.carrier", "gitlab.<name>.host", "gitlab.<name>.url", "gitlab.<name>.check_name",
    "gitlab.<name>.carriers", "gitlab.<name>.approve", "gitlab.<name>.evidence_job", "gitlab.<name>.packages",
    "gitlab.<name>.group", "slack.mode", "slack.channel", "slack.api_url", "signing.key_file", "people.file",
    "policy.floor_file", "log.key_file", "log.origin",
}  # fmt: skip
"""Settings whose values may be shown. Any other, a mistyped key of a secret among them, is not."""
PEOPLE = """# Who is who in chat and on the forge, by ids that never change. Nobody who is not here can approve.
#
# people:
#   ann:
#     name: Ann Example
#     slack: T0123/U0456      # team/member: in Slack, profile > copy member ID; the team's id stands in the web URL
"""
NOBODY = "people: {}\n"


def run_init(folder: Path, yes: bool, forge: str = "") -> None:
    """Ask for what is missing (nothing with `yes`), write it, and say what was kept, what is new and what is next.

    `forge` names one to connect beside those that the file has.
    """
    folder = folder.absolute()
    path = folder / "llmgate.toml"
    try:
        text = path.read_text() if path.exists() else ""
        held = held_values(text, str(path))
        fresh = _missing(folder, held, yes, sections(forge) if forge else ())
        grown = with_values(text, fresh, str(path)) if fresh else text
    except (OSError, UnicodeDecodeError) as error:
        fail(f"saw {path}: {error}; wanted settings that can be read; correct it or move it away", USAGE)
    except (CannotMerge, BadAnswer) as error:
        fail(str(error), USAGE)
    except typer.Abort:
        typer.echo(err=True)
        cure = "nothing was written; answer at a terminal, or run `llmgate init --yes`, which asks nothing"
        fail(f"saw the end of the answers; wanted one for each question; {cure}", USAGE)
    try:
        _write(folder, path, (text, grown))
    except OSError as error:
        fail(
            f"saw {error.filename}: {error.strerror}; wanted to write there; choose another folder or correct its rights", USAGE
        )
    _tell(path, held, fresh)
    whole = {**_words(held), **fresh}
    key, people = Path(whole["signing.key_file"]), Path(whole["people.file"])
    sound = _key(key) & make_log_key(Path(whole[KEY_FILE]), whole.get(ORIGIN, LOCAL))
    _people(people, PEOPLE + "".join(account_lines(whole)) + NOBODY)
    if any((above / ".git").exists() for above in (folder, *folder.parents)):
        typer.echo(f"Take care: {folder} is in a git checkout. Keep llmgate.toml and {key.name} out of it (.gitignore).")
    typer.echo("\nNext:")
    for step in next_steps(folder, whole, key, people):
        typer.echo(f"{step}")
    if not sound:
        raise typer.Exit(1)


def _missing(folder: Path, held: Mapping[str, object], yes: bool, also: Sequence[str]) -> dict[str, str]:
    """New values: the answers, and what needs no asking."""
    words = _words(held)
    forges = tuple(dict.fromkeys((*connected(words), *also)))
    if not forges:
        forges = ("github",) if yes else ask_forges()
    fresh = {} if yes else ask_missing(words, forges)
    for section in forges:
        secret = f"{section}.{'webhook_secret' if section == 'github' else 'webhook_token'}"
        if secret not in words:
            fresh.setdefault(secret, made_secret())
    host = fresh.get("github.host", "github.com")
    if host != "github.com" and "github.api_url" not in words:
        fresh["github.api_url"] = f"https://{host}/api/v3"
    for key, value in (
        ("database.url", f"sqlite:///{folder / 'llmgate.sqlite3'}"),
        ("signing.key_file", str(folder / "llmgate-signing.pem")),
        ("people.file", str(folder / "people.yaml")),
    ):
        if key not in words:
            fresh[key] = value
    return fresh | log_values(folder, {**words, **fresh})


def _write(folder: Path, path: Path, texts: tuple[str, str]) -> None:
    before, after = texts
    folder.mkdir(parents=True, exist_ok=True)
    if after != before:
        write_secret(path, after)


def _tell(path: Path, held: Mapping[str, object], fresh: Mapping[str, str]) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    typer.echo(f"{'Wrote' if fresh else 'Kept'} {path} (mode {mode:04o})")
    known = {**_words(held), **fresh}
    for key, value in held.items():
        if key in fresh:
            continue
        typer.echo(f"  kept  {key}{_shown(key, value)}")
    for key, value in fresh.items():
        typer.echo(f"  new   {key}{_shown(key, value)}")
    for question in questions(connected(known), known):
        if question.key not in known and question.fits(known):
            typer.echo(f"  open  {question.key}")


def _words(held: Mapping[str, object]) -> dict[str, str]:
    """What the file really says: an empty value says nothing."""
    return {key: str(value) for key, value in held.items() if value != ""}


def _shown(key: str, value: object) -> str:
    return f" = {value}" if setting(key) in PLAIN else " (not shown)"


def _key(path: Path) -> bool:
    """The signing key, made if there is none. False: there is one that cannot be used, and it was left alone."""
    public = public_path(path)
    try:
        if path.exists():
            key, verb = load_key(path), "Kept"
            if not public.exists():
                public.write_bytes(public_pem(key.public_key()))
        elif public.exists():
            raise BadKey(
                f"saw {public} without {path.name}; wanted both or neither; bring the private key back or move it away"
            )
        else:
            key, verb = make_key(path), "Wrote"
    except (BadKey, OSError) as error:
        typer.echo(f"llmgate: {error}", err=True)
        return False
    typer.echo(f"{verb} {path} and {public.name} (SHA-256 {fingerprint(key.public_key())[:16]}…)")
    return True


def _people(path: Path, text: str) -> None:
    if path.exists():
        typer.echo(f"Kept {path}")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    typer.echo(f"Wrote {path} (nobody in it yet)")
