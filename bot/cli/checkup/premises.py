"""What lies on this machine: the settings, the keys, the people's mapping, the organisation's policy."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.cli.checkup.row import Row, parted
from bot.core.approval import TIERS
from bot.core.ids import Person
from bot.core.messages.words import counted
from bot.core.policy.join import join
from bot.core.policy.model import Policy
from bot.core.policy.text import parse_policy
from bot.handlers.identity.people import BadMapping, read_people
from bot.main import BadSettings, Settings, UnreadableSettings, read_settings
from integrations.sigstore.authority import read_certificates
from integrations.sigstore.key_uri import open_signer
from integrations.sigstore.keys import BadKey, fingerprint, public_path, read_public_key

INIT = "run `llmgate init`"
FILE = "Settings file"
MAPPING = "People's mapping"
FLOOR = "Policy floor"


def look_at_settings() -> tuple[Settings | None, list[Row]]:
    """The settings, where they can be used, and a row for each thing wrong with them."""
    try:
        source = Settings.source()
    except BadSettings as error:
        return None, [parted(Row(FILE, "problem", str(error), "the settings there", INIT))]
    try:
        settings = read_settings()
    except UnreadableSettings as error:
        return None, [Row(FILE, "problem", str(error), "settings that can be read", f"correct it, or {INIT}")]
    except BadSettings as error:
        lines = [line.partition(": ") for line in str(error).splitlines()]
        cure = f"correct it in {source or 'the environment (LLMGATE_…)'}, or {INIT}"
        return None, [
            Row(
                "Settings together" if key == "settings" else f"Setting {key}",
                "problem",
                saw or key,
                "a value that can be used",
                cure,
            )
            for key, _, saw in lines
        ]
    except (OSError, ValueError) as error:
        return None, [
            Row(FILE, "problem", f"{source or 'environment'}: {error}", "TOML that can be read", f"correct it, or {INIT}")
        ]
    return settings, [_source(source, settings)]


def _source(source: Path | None, settings: Settings) -> Row:
    if source is not None:
        mode = stat.S_IMODE(source.stat().st_mode)
        if mode & 0o077:
            saw, cure = f"{source.resolve()} with mode {mode:04o}", f"run `chmod 600 {source}`"
            return Row(FILE, "warning", saw, "0600, since it holds secrets", cure)
        return Row(FILE, "ok", str(source.resolve()))
    if settings.github.app_id or settings.gitlab or settings.slack.bot_token.get_secret_value():
        return Row(FILE, "ok", "none; the environment says what is needed")
    return Row(
        FILE, "problem", f"no llmgate.toml in {Path.cwd()}", "the settings", f"{INIT}, or set LLMGATE_CONFIG to the file"
    )


def look_at_keys(settings: Settings) -> Iterator[Row]:
    """The signing key, its public half, and the public keys that the settings name."""
    signing = settings.signing
    yield from _signing_key(signing.key_uri, signing.key_file)
    for setting, certificates in (("certificate_chain", [signing.certificate_chain]), ("ca_roots", signing.ca_roots)):
        for one in certificates:
            if one is not None:
                yield _certificates(one, f"signing.{setting}")
    for setting, paths in (("retired_keys", signing.retired_keys), ("document_keys", signing.document_keys)):
        for other in paths:
            yield _public(other, f"signing.{setting}")


def _signing_key(uri: str, path: Path) -> Iterator[Row]:
    """The key in its file, or wherever its URI leads; what follows the address in a URI may be a secret and is not shown."""
    try:
        name = open_signer(uri or path).key_sha256
    except BadKey as error:
        yield parted(Row("Signing key", "problem", str(error), "a private key (PEM), mode 0600, or a key URI that opens", INIT))
        return
    where = f"at {uri.partition('?')[0]}" if uri else f"{path}, mode 0600"
    yield Row("Signing key", "ok", f"{where}, SHA-256 {name[:16]}…")
    if not uri:
        yield _public_half(public_path(path), name)


def _certificates(path: Path, setting: str) -> Row:
    wanted, cure = "certificates (PEM)", f"correct {setting} or put them there"
    try:
        found = read_certificates(path.read_bytes(), str(path))
    except OSError as error:
        return Row(setting, "problem", f"{path}: {error.strerror}", wanted, cure)
    except BadKey as error:
        return parted(Row(setting, "problem", str(error), wanted, cure))
    ends = min(one.not_valid_after_utc for one in found)
    return Row(setting, "ok", f"{path}, {counted(len(found), 'certificate')}, valid until {ends:%Y-%m-%d}")


def _public_half(path: Path, name: str) -> Row:
    cure = f"move {path.name} away and {INIT}, which writes it anew from the private key"
    wanted = "the signing key's public half, to give to whoever verifies"
    try:
        same = fingerprint(read_public_key(path.read_bytes(), str(path))) == name
    except OSError as error:
        return Row("Public key", "warning", f"{path}: {error.strerror}", wanted, f"{INIT}, which writes it")
    except BadKey as error:
        return parted(Row("Public key", "warning", str(error), wanted, cure))
    return (
        Row("Public key", "ok", str(path)) if same else Row("Public key", "warning", f"{path} is of another key", wanted, cure)
    )


def _public(path: Path, setting: str) -> Row:
    wanted, cure = "a public key (PEM)", f"correct {setting} or put the key there"
    try:
        key = read_public_key(path.read_bytes(), str(path))
    except OSError as error:
        return Row(setting, "problem", f"{path}: {error.strerror}", wanted, cure)
    except BadKey as error:
        return parted(Row(setting, "problem", str(error), wanted, cure))
    return Row(setting, "ok", f"{path}, SHA-256 {fingerprint(key)[:16]}…")


def look_at_people(settings: Settings) -> Iterator[Row]:
    """Can the mapping be read, and can everybody in it act on both sides?"""
    path = settings.people.file
    wanted = "who is who in chat and on the forge: without it nobody can approve"
    if path is None:
        yield Row(MAPPING, "problem", "people.file is not set", wanted, INIT)
        return
    try:
        people = read_people(path.read_text(), path.name)
    except OSError as error:
        yield Row(MAPPING, "problem", f"{path}: {error.strerror}", wanted, f"{INIT}, or correct people.file")
        return
    except (BadMapping, UnicodeDecodeError) as error:
        yield Row(
            MAPPING, "problem", str(error), "a mapping that can be read whole", f"correct {path}; nothing was taken from it"
        )
        return
    if not people:
        yield Row(MAPPING, "problem", f"{path} with nobody in it", wanted, f"add people to {path}; its comments show how")
        return
    yield Row(MAPPING, "ok", f"{len(people)} people in {path}")
    yield from _halves(people, _hosts(settings), path)


def _hosts(settings: Settings) -> dict[str, str]:
    """Every connected host with the key of the mapping that its accounts stand under; GitHub's where none is connected."""
    found = {entry.host: "gitlab" for entry in settings.gitlab.values()}
    return found if found and not settings.github.app_id else {settings.github.host: "github", **found}


def _halves(people: tuple[Person, ...], hosts: Mapping[str, str], path: Path) -> Iterator[Row]:
    mute = [person.id for person in people if person.chat is None]
    if mute:
        yield Row(
            "Chat accounts",
            "warning",
            f"none for {listed(mute)}",
            "one each, to be asked and to decide",
            f"add `slack:` in {path}",
        )
    absent = [person.id for person in people if not any(account.host in hosts for account in person.accounts)]
    if absent:
        cure = f"add {' or '.join(f'`{key}:` with host {host}' for host, key in hosts.items())} in {path}"
        saw = f"none on {' or '.join(hosts)} for {listed(absent)}"
        yield Row("Forge accounts", "warning", saw, "one each, to own code and to sign", cure)


def listed(names: Sequence[str]) -> str:
    """The first of them, and how many more."""
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


def look_at_floor(settings: Settings) -> Iterator[Row]:
    """The organisation's policy, read as the gate would."""
    path = settings.policy.floor_file
    if path is None:
        saw = "none: each branch's own policy judges what goes into it, and whoever may push can make a branch with a loose one"
        cure = "write one and name it in policy.floor_file; start from deploy/policy.example.yaml"
        yield Row(FLOOR, "warning", saw, "the organisation's policy, which no branch can loosen", cure)
        return
    try:
        parsed = parse_policy(path.read_text(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        yield Row(FLOOR, "problem", f"{path}: {error}", "the organisation's policy", "correct policy.floor_file")
        return
    policy = join(parsed, None, str(path))
    for problem in policy.problems:
        yield Row(FLOOR, "problem", f"{problem.file}:{problem.line}: {problem.saw}", problem.wanted, problem.cure)
    unknown = sorted(_hooks(policy) - settings.webhooks.keys())
    for name in unknown:
        saw = f"{path}: a step of a chain calls the webhook `{name}`, which the settings do not know: the step is passed over"
        yield Row(FLOOR, "problem", saw, "its address and secret", f"set webhooks.{name}.url and webhooks.{name}.secret_file")
    if not policy.problems and not unknown:
        yield Row(FLOOR, "ok", f"{path}, mode {policy.mode}, digest {policy.digest[:16]}…")


def _hooks(policy: Policy) -> set[str]:
    chains = [policy.tier(tier).chain for tier in TIERS]
    return {str(step.role) for chain in chains for step in chain.steps if step.deed == "webhook"}
