"""The parts of documents that are made from code: `python -m tests.readme_tables` rewrites them, a test wants them current.

In README each part stands between `<!-- name -->` and `<!-- /name -->`. `deploy/github-app.json` and
`deploy/llmgate.example.toml` are made whole.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from typer.main import get_command

from bot.cli.main import app
from bot.cli.setup.app_manifest import manifest
from bot.config import described
from bot.core.policy.keys import POLICY_KEYS
from bot.core.rules.catalogue import RULE_MEANINGS
from integrations.github.permissions import EVENTS, PERMISSIONS
from integrations.gitlab.access import HOOK_EVENTS, NEEDS
from integrations.gitlab.carriers import WORTH
from integrations.slack.scopes import APP_SCOPES, BOT_SCOPES
from tests.administrator_deeds import DEEDS
from tests.differences import DIFFERENCES

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = {
    "web.public_url": '"https://llmgate.example.com"',
    "github.app_id": '"123456"',
    "github.private_key_file": '"/etc/llmgate/github-app.pem"',
    "github.webhook_secret": '"the secret typed into the App\'s form"',
    "gitlab.<name>.url": '"https://gitlab.example.com/relative-root"',
    "gitlab.<name>.token": '"glpat-…"',
    "gitlab.<name>.webhook_token": '"the secret token typed into the webhook\'s form"',
    "gitlab.<name>.signing_token": '"whsec_bGxtZ2F0ZSBleGFtcGxlIG9mIGEgc2lnbmluZyBrZXk="',
    "gitlab.<name>.evidence_job": '"tests"',
    "gitlab.<name>.group": '"acme/platform"',
    "slack.bot_token": '"xoxb-…"',
    "slack.app_token": '"xapp-…"',
    "slack.channel": '"C0123ABCD"',
    "slack.channels": '{ "acme/shop" = "C0123ABCD" }',
    "signing.key_file": '"/etc/llmgate/llmgate-signing.pem"',
    "github.web_url": '"https://github.com"',
    "github.client_id": '"Iv23liExample"',
    "github.client_secret": '"generated on the App\'s page"',
    "gitlab.<name>.client_id": '"the application id"',
    "gitlab.<name>.client_secret": '"gloas-…"',
    "oidc.issuer": '"https://login.example.com"',
    "oidc.client_id": '"llmgate"',
    "oidc.client_secret": '"given by the identity provider"',
    "oidc.claims": '{ "github.com" = "github_id" }',
    "signing.key_uri": '"hsm:2?label=llmgate"',
    "signing.certificate_chain": '"/etc/llmgate/chain.pem"',
    "signing.ca_roots": '["/etc/llmgate/ca.pem"]',
    "log.key_file": '"/etc/llmgate/llmgate-log.pem"',
    "log.retired_keys": '["llmgate.example.com/log+1a2b3c4d+AbCd…"]',
    "log.origin": '"llmgate.example.com/log"',
    "log.anchor_git": '"git@github.com:acme/llmgate-log.git"',
    "log.audit_channel": '"C0123AUDIT"',
    "log.witnesses": '["witness.example.org+1a2b3c4d+BAUm…"]',
    "log.timestamp_url": '"https://timestamp.example.org"',
    "hours.zone": '"Europe/Berlin"',
    "hours.holidays": '{ default = "/etc/llmgate/holidays.ics", "Asia/Tokyo" = "https://calendar.example.com/japan.ics" }',
    "webhooks.<name>.url": '"https://pager.example.com/llmgate"',
    "webhooks.<name>.secret_file": '"/etc/llmgate/pager-secret"',
    "notify.smtp_url": '"smtps://llmgate%40example.com@mail.example.com"',
    "notify.smtp_password_file": '"/etc/llmgate/smtp-password"',
    "notify.from_address": '"llmgate@example.com"',
    "notify.apprise_url_file": '"/etc/llmgate/apprise-url"',
    "log.timestamp_roots": '["/etc/llmgate/tsa-root.pem"]',
    "signing.retired_keys": '["/etc/llmgate/2025.pem.pub"]',
    "signing.document_keys": '["/etc/llmgate/ci.pem.pub"]',
    "signing.trusted_root": '"/etc/llmgate/trusted_root.json"',
    "policy.floor_file": '"/etc/llmgate/floor.yaml"',
    "people.file": '"/etc/llmgate/people.yaml"',
    "database.url": '"sqlite:////var/lib/llmgate/llmgate.sqlite3"',
}
"""Values to show where the default says nothing, or is not what a server would use."""
NEEDED = {
    "database.url", "web.public_url", "github.app_id", "github.private_key_file", "github.webhook_secret",
    "gitlab.<name>.host", "gitlab.<name>.token", "gitlab.<name>.webhook_token", "slack.bot_token", "slack.app_token",
    "slack.channel", "signing.key_file", "people.file",
}  # fmt: skip
"""Settings that nearly everybody says; the others stand in the example as comments."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table. A bar inside a cell is escaped."""
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def permissions() -> str:
    rows: list[tuple[str, str, str]] = []
    for each in PERMISSIONS:
        rows.append((f"`{each.name}`", each.level, each.reason + (f" (needed only for {each.lost})" if each.lost else "")))
    rows += [(f"`{event.name}`", "event", event.reason) for event in EVENTS]
    return table(("permission or event", "level", "why"), rows)


def scopes() -> str:
    rows = [(f"`{name}`", "bot token", why) for name, why in BOT_SCOPES.items()]
    rows += [(f"`{name}`", "app-level token", why) for name, why in APP_SCOPES.items()]
    return table(("scope", "of", "why"), rows)


def gitlab_access() -> str:
    """What the bot needs, and what the webhook sends, by the names on GitLab's pages."""
    rows = [(need.name, need.reason + (f" (needed only for {need.lost})" if need.lost else "")) for need in NEEDS]
    rows += [(f"`{event.name}` of the webhook", event.reason) for event in HOOK_EVENTS]
    return table(("what", "why"), rows)


def carriers() -> str:
    rows = [(f"`{worth.carrier}`", worth.licence, worth.binds, worth.bypass) for worth in WORTH.values()]
    return table(("carrier", "tiers", "binds by", "who can get around it"), rows)


def differences() -> str:
    rows = [(row.what, row.github, row.gitlab, f"`{row.test}`") for row in DIFFERENCES]
    return table(("what", "on GitHub", "on GitLab", "covered by"), rows)


def administrator() -> str:
    rows = [(row.what, "**yes**" if row.unseen else "no", row.seen, f"`{row.test}`") for row in DEEDS]
    return table(("a database administrator wants to …", "unseen?", "seen by, or why not", "covered by"), rows)


def settings() -> str:
    rows = []
    for key, default, meaning in described():
        shown = "" if default in ("", "None", "()", "{}") else f"`{default}`"
        rows.append((f"`{key}`", shown, meaning))
    return table(("setting", "default", "meaning"), rows)


def policy_keys() -> str:
    return table(("key", "meaning"), [(f"`{key}`", meaning) for key, meaning in POLICY_KEYS.items()])


def rules() -> str:
    return table(("rule", "asks"), [(f"`{rule}`", meaning) for rule, meaning in RULE_MEANINGS.items()])


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command as typed, what it says of itself, and its options with theirs."""

    typed: str
    words: tuple[str, ...]
    does: str
    options: tuple[tuple[str, str], ...]


def command_lines() -> list[CommandLine]:
    """Every command that does something, by what is typed."""
    found, waiting = [], [("llmgate", get_command(app))]
    while waiting:
        typed, command = waiting.pop(0)
        inside = getattr(command, "commands", {})
        waiting += [(f"{typed} {name}", each) for name, each in inside.items()]
        if inside:
            continue
        words = [str(param.name).upper() for param in command.params if param.param_type_name == "argument"]
        options = [
            ("/".join((*param.opts, *param.secondary_opts)), str(getattr(param, "help", None) or ""))
            for param in command.params
            if param.param_type_name != "argument"
        ]
        found.append(CommandLine(typed, tuple(words), (command.help or "").strip(), tuple(options)))
    return sorted(found, key=lambda line: line.typed)


def commands() -> str:
    rows = []
    for line in command_lines():
        options = "<br>".join(f"`{flags}` {meaning}".strip() for flags, meaning in line.options)
        rows.append((f"`{' '.join([line.typed, *line.words])}`", " ".join(line.does.split()), options))
    return table(("command", "does", "options"), rows)


PARTS = {
    "github-permissions": permissions,
    "gitlab-access": gitlab_access,
    "gitlab-carriers": carriers,
    "slack-scopes": scopes,
    "forge-differences": differences,
    "administrator": administrator,
    "policy-keys": policy_keys,
    "rules": rules,
    "commands": commands,
    "settings": settings,
}


def readme(text: str) -> str:
    """The text with every part made anew. KeyError for a part that has no place in it."""
    for name, make in PARTS.items():
        place = re.compile(rf"<!-- {name} -->.*?<!-- /{name} -->", re.DOTALL)
        if not place.search(text):
            raise KeyError(f"README has no <!-- {name} --> … <!-- /{name} -->")
        made = f"<!-- {name} -->\n{make()}\n<!-- /{name} -->"
        text = place.sub(lambda _, made=made: made, text)  # type: ignore[misc]  # the default binds this turn's table
    return text


def example_settings() -> str:
    lines = [
        "# Every setting of llmgate; `llmgate init` writes such a file. What is commented out has its default, or an example.",
        "# The environment goes before the file: LLMGATE_GITHUB__APP_ID=123 is github.app_id, LLMGATE_GITLAB__WORK__TOKEN=… is",
        "# gitlab.work.token. Leave out the section of a forge you do not have; GitLab's comes once a host, each by a name.",
    ]
    part = ""
    for key, default, meaning in described():
        section, _, name = key.rpartition(".")
        if section != part:
            said = "" if "<name>" not in section or f"{section}.host" in NEEDED else "# "
            lines += ["", f"{said}[{section.replace('<name>', 'work')}]"]
            part = section
        value = EXAMPLES.get(key) or (default if default.isdecimal() or default in ("true", "false") else json.dumps(default))
        lines += [f"# {meaning}", f"{'' if key in NEEDED else '# '}{name} = {value}"]
    return "\n".join(lines) + "\n"


def made() -> dict[Path, str]:
    """Every generated document as it should be."""
    return {
        ROOT / "README.md": readme((ROOT / "README.md").read_text()),
        ROOT / "deploy" / "github-app.json": json.dumps(manifest(), indent=2) + "\n",
        ROOT / "deploy" / "llmgate.example.toml": example_settings(),
    }


if __name__ == "__main__":
    for path, text in made().items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
