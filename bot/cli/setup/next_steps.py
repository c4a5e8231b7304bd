"""What a person does after `llmgate init`: only the steps that are still open, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.cli.setup.app_manifest import EXAMPLE_URL, registration_link
from bot.cli.setup.forges import connected
from bot.handlers.identity.logins import CALLBACK
from integrations.sigstore.keys import public_path

ORGANISATION = "YOUR-ORG"


def next_steps(folder: Path, held: Mapping[str, str], key: Path, people: Path) -> list[str]:
    """The steps, numbered. A secret is named, never shown."""
    return [f"{number}. {step}" for number, step in enumerate(_steps(folder, held, key, people), 1)]


def _steps(folder: Path, held: Mapping[str, str], key: Path, people: Path) -> Iterator[str]:
    forges = connected(held)
    if "github" in forges and "github.app_id" not in held:
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
    yield from _who_is_who(held, people, forges)
    if "github" in forges:
        yield "Require the check `llmgate`, from the app you created and no other, on each branch of GitHub to protect."
    for section in forges:
        if section != "github":
            yield from _gitlab(section, held)
    yield (
        f"Publish {public_path(key).name} and the log's .pub where your auditors look (a repository will do): with them\n"
        f"   anyone verifies approvals. Keep a copy of {key.name} and of the log's key where only you can read it, and commit\n"
        "   neither them nor llmgate.toml."
    )
    if "log.anchor_git" not in held or "log.audit_channel" not in held:
        yield (
            "Name a git repository of its own in log.anchor_git, its branch protected from force pushes, and a channel in\n"
            "   log.audit_channel: heads of the log stand there, where whoever rules the database cannot change them."
        )
    if folder.resolve() != Path.cwd():
        yield f"Let llmgate find its settings: export LLMGATE_CONFIG={folder.resolve() / 'llmgate.toml'}"
    yield "Run `llmgate doctor` until it shows no problem, then `llmgate serve`."


def _who_is_who(held: Mapping[str, str], people: Path, forges: Sequence[str]) -> Iterator[str]:
    """By signing in, where that is set up; by the file in any case."""
    open_yet = [section for section in forges if f"{section}.client_id" not in held]
    if len(open_yet) == len(forges):
        yield f"Say who is who in {people}: without it nobody can approve."
    else:
        yield f"People tie their accounts with `/llmgate link`; whom you would rather name yourself stands in {people}."
    callback = f"{held.get('web.public_url', EXAMPLE_URL).rstrip('/')}{CALLBACK}"
    for section in open_yet:
        where = "generate a client secret on the App's page (its callback URL is there already)"
        if section != "github":
            host = held.get(f"{section}.host", "gitlab.com")
            where = f"create an application on {host}\n   (scopes openid and read_user, redirect URI {callback})"
        yield f"So that people can link their accounts and sign in, {where},\n   and run `llmgate init` again."


def _gitlab(section: str, held: Mapping[str, str]) -> Iterator[str]:
    host, name = held.get(f"{section}.host", "gitlab.com"), section.partition(".")[2]
    url = f"{held.get('web.public_url', EXAMPLE_URL).rstrip('/')}/webhooks/gitlab/{name}"
    if f"{section}.token" not in held:
        yield (
            f"Create the bot on {host}: a group access token (group > Settings > Access tokens) or a service account's token,\n"
            "   with role Developer, scope api and a day of expiry that you note. Where your tier has neither: an account of\n"
            "   its own with a personal access token. Then run `llmgate init` again with the token."
        )
    signed = f"{section}.signing_token" in held
    sign = (
        f"Its signing token is the one that {section}.signing_token holds."
        if signed
        else f"From GitLab 19.0 on, generate a signing token there too, and write it as signing_token below [{section}]."
    )
    yield (
        f"Create the webhook on the group (with Premium) or on each project of {host}, Settings > Webhooks: URL\n"
        f"   {url}, secret token {section}.webhook_token from llmgate.toml; push events,\n"
        f"   comments, merge request events and pipeline events; SSL verification on.\n   {sign}"
    )
    check = held.get(f"{section}.check_name", "llmgate")
    secret = "signing_token" if signed else "webhook_token"
    yield (
        f"Make the verdict bind in each project of {host}: Settings > Merge requests > Pipelines must succeed. Better, with\n"
        f"   Premium, an approval rule of which the bot is the only approver, and `approve = true` in [{section}];\n"
        f"   with Ultimate, an external status check named {check} with the URL above and {section}.{secret} as its shared\n"
        "   secret, and Status checks must succeed."
    )
