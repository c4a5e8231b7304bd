"""What a person does after `llmgate init`: only the steps that are still open, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.cli.setup.app_manifest import registration_link
from integrations.sigstore.keys import public_path

ORGANISATION = "YOUR-ORG"


def next_steps(folder: Path, held: Mapping[str, str], key: Path, people: Path) -> list[str]:
    """The steps, numbered. A secret is named, never shown."""
    return [f"{number}. {step}" for number, step in enumerate(_steps(folder, held, key, people), 1)]


def _steps(folder: Path, held: Mapping[str, str], key: Path, people: Path) -> Iterator[str]:
    if "github.app_id" not in held:
        host, url = held.get("github.host", "github.com"), held.get("web.public_url", "")
        yield (
            f"Create the GitHub App (put your organisation's login for {ORGANISATION}; the form needs only a name):\n"
            f"   {registration_link(host, ORGANISATION, url)}\n"
            "   Paste github.webhook_secret from llmgate.toml as its secret, generate a private key, install the App on the\n"
            "   repositories to guard, and run `llmgate init` again with its id and key."
        )
    if "slack.bot_token" not in held:
        yield (
            "Create the Slack app from deploy/slack-manifest.yaml (api.slack.com/apps > Create New App > From a manifest),\n"
            "   install it, invite it to the channel for cards, and run `llmgate init` again with its tokens."
        )
    yield f"Say who is who in {people}: without it nobody can approve."
    yield "Require the check `llmgate`, from the app you created and no other, on each branch to protect."
    yield (
        f"Publish {public_path(key).name} where your auditors look (a repository will do): with it anyone verifies approvals.\n"
        f"   Keep a copy of {key.name} where only you can read it, and commit neither it nor llmgate.toml."
    )
    if folder.resolve() != Path.cwd():
        yield f"Let llmgate find its settings: export LLMGATE_CONFIG={folder.resolve() / 'llmgate.toml'}"
    yield "Run `llmgate doctor` until it shows no problem, then `llmgate serve`."
