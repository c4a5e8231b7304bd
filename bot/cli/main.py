"""The command line: arguments only. Each command's work is imported when it is called, so that `--help` is quick."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.emission.marker import Marker
from bot.cli.log_commands import log_app
from bot.cli.passkey_commands import passkeys_app
from bot.cli.people_commands import people_app
from bot.core.ids import ForgeName

app = typer.Typer(
    name="llmgate",
    help="No generated code merges without attested provenance, validated tests and a qualified human's signed approval.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
policy_app = typer.Typer(help="Check a policy, or explain what it says about a change.", no_args_is_help=True)
approvals_app = typer.Typer(help="Export signed approvals as files.", no_args_is_help=True)
provenance_app = typer.Typer(help="Provenance documents: emit, check one file, the schema.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")
app.add_typer(approvals_app, name="approvals")
app.add_typer(provenance_app, name="provenance")
app.add_typer(log_app, name="log")
app.add_typer(passkeys_app, name="passkeys")
app.add_typer(people_app, name="people")

Out = Annotated[Path | None, typer.Option("--out", help="Folder to write to; made if missing.")]
OnForge = Annotated[ForgeName, typer.Option("--forge", help="The forge that the story plays on.")]
PagePort = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the page; 0 picks a free one.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs instead of a table.")]


@app.command()
def serve(
    listen: Annotated[bool, typer.Option(help="Take webhooks and chat too; --no-listen makes it a worker only.")] = True,
) -> None:
    """Run the gate: take webhooks, work, talk to Slack."""
    from bot.cli.serve import run_server

    run_server(listen)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write llmgate.toml, the key and the people's mapping.")] = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; write what can be written without asking.")] = False,
    forge: Annotated[
        str, typer.Option("--forge", help="Connect this one too: github, gitlab, or gitlab.NAME for one more GitLab host.")
    ] = "",
) -> None:
    """Write settings, a signing key and a file of people. Asks for what is missing."""
    from bot.cli.init import run_init

    run_init(folder, yes, forge)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Examine all that the gate stands on.

    Tokens, scopes, webhooks, key, database, and whether the verdict really stands between a change and its merge.
    """
    from bot.cli.doctor import run_doctor

    run_doctor(as_json)


@app.command()
def demo(
    auto: Annotated[bool, typer.Option("--auto", help="Play the story by itself and exit 0 only if each step held.")] = False,
    port: PagePort = 8750,
    forge: OnForge = "github",
) -> None:
    """Play the main job in your browser. No account, no network: the forge and Slack are stand-ins on this machine."""
    from bot.cli.demo import run_demo

    run_demo(auto, port, forge)


@app.command()
def sandbox(
    port: PagePort = 8750,
    folder: Annotated[Path | None, typer.Option(help="Keep the repositories and the database here.")] = None,
    forge: OnForge = "github",
) -> None:
    """Run the gate between stand-ins of a forge and of Slack. A page shows both sides; push to it with git."""
    from bot.cli.sandbox import run_sandbox

    run_sandbox(port, folder, forge)


@app.command()
def scan(
    path: Annotated[Path, typer.Argument(help="A local git repository.")],
    since: Annotated[str, typer.Option(help="Only commits since this date or revision (as git understands it).")] = "",
    change: Annotated[str, typer.Option(help="Only this change, as in group/project!7 or #7.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show what the gate would have said about a repository's past. Reads only."""
    from bot.cli.scan import run_scan

    run_scan(path, since, as_json, change)


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(help="An exported approval (*.sigstore.json), or the folder of an export.")],
    key: Annotated[list[Path] | None, typer.Option("--key", help="The organisation's public key (PEM); repeatable.")] = None,
    ca_root: Annotated[list[Path] | None, typer.Option("--ca-root", help="Root of the organisation's own CA (PEM).")] = None,
    log_key: Annotated[str, typer.Option("--log-key", help="The log's verifier key or its file: demand the log's proof.")] = "",
    trusted_root: Annotated[Path | None, typer.Option("--trusted-root", help="Sigstore root for keyless approvals.")] = None,
    repo: Annotated[str, typer.Option(help="Demand this repository, as in acme/shop.")] = "",
    change: Annotated[str, typer.Option(help="Demand this change, as in acme/shop#7.")] = "",
    commit: Annotated[str, typer.Option(help="Demand this commit (at least 12 digits).")] = "",
    as_json: AsJson = False,
) -> None:
    """Check signed approvals offline. Exit 0 only if everything holds; each fault has its own code (README)."""
    from bot.cli.verification.trust import Anchors
    from bot.cli.verify import Demands, run_verify

    anchors = Anchors(tuple(key or ()), tuple(ca_root or ()), log_key, trusted_root)
    run_verify(path, anchors, Demands(repo, change, commit), as_json)


@app.command("verify-bundle")
def verify_bundle(
    artifact: Annotated[str, typer.Argument(metavar="FILE_OR_DIGEST", help="What was signed; or sha256:… or gitCommit:….")],
    bundle: Annotated[Path, typer.Option(help="The Sigstore bundle (JSON).")],
    identity: Annotated[str, typer.Option("--certificate-identity", help="Who is to have signed it keyless.")] = "",
    issuer: Annotated[str, typer.Option("--certificate-oidc-issuer", help="Who is to have vouched for them.")] = "",
    key: Annotated[Path | None, typer.Option(help="Or the public key (PEM) that is to have signed it.")] = None,
    trusted_root: Annotated[Path | None, typer.Option(help="A trusted_root.json; else the public instance's.")] = None,
    staging: Annotated[bool, typer.Option("--staging", help="The public staging instance's root instead.")] = False,
) -> None:
    """Check any Sigstore bundle offline. By identity or by key, as sigstore-conformance asks; exit 0 accepts."""
    from bot.cli.verify_bundle import Roots, Signatory, run_verify_bundle

    run_verify_bundle(bundle, Signatory(identity, issuer, key), Roots(trusted_root, staging), artifact)


@app.command()
def approve(
    change: Annotated[str, typer.Argument(help="The change, as in acme/shop#7 or its URL.")],
    link: Annotated[str, typer.Option("--link", help="The link of the page that shows the statement.")],
    keyless: Annotated[bool, typer.Option("--keyless", help="Sign with your own OIDC identity, through Sigstore.")] = False,
    trust_config: Annotated[str, typer.Option(help="`public`, `staging`, or a client trust configuration.")] = "public",
    identity_token: Annotated[str, typer.Option(help="`-`: a token on standard input; else you log in.")] = "",
    publish_my_address: Annotated[bool, typer.Option(help="Agree that a public log shows it for ever.")] = False,
) -> None:
    """Sign the approval that a page of the gate shows you. It is shown once more; nothing else is signed."""
    from bot.cli.approve import Means, as_asked, run_approve

    as_asked(keyless, identity_token)
    run_approve(change, link, Means(trust_config, bool(identity_token), publish_my_address))


@approvals_app.command("export")
def approvals_export(
    change: Annotated[str, typer.Argument(help="The change, as in acme/shop#7 or its URL.")],
    out: Out = None,
) -> None:
    """Write the signed decisions about a change. One bundle a person, with an index."""
    from bot.cli.approvals import run_export

    run_export(change, out)


@policy_app.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(help="A policy file, as in .llmgate/policy.yaml.")],
    floor: Annotated[Path | None, typer.Option(help="The organisation's policy that it may not loosen.")] = None,
) -> None:
    """Read a policy as the gate would. Exit 1 with file, line and cure where it would be refused."""
    from bot.cli.policy import run_check

    run_check(file, floor)


@policy_app.command("explain")
def policy_explain(
    change: Annotated[str, typer.Argument(help="A change the gate has seen, as in acme/shop#7.")],
) -> None:
    """Show how each rule came out for a change. What it saw and wanted when the change was last judged."""
    from bot.cli.policy import run_explain

    run_explain(change)


@provenance_app.command("schema")
def provenance_schema() -> None:
    """Print the JSON Schema of provenance documents."""
    from bot.cli.provenance import print_schema

    print_schema()


@provenance_app.command("check")
def provenance_check(file: Annotated[Path, typer.Argument(help="A provenance document (JSON).")]) -> None:
    """Read a document as the gate would. A prompt in it is refused and never printed."""
    from bot.cli.provenance import run_provenance_check

    run_provenance_check(file)


@provenance_app.command("emit")
def provenance_emit(
    files: Annotated[list[Path], typer.Argument(help="The generated files, in the repository of the present folder.")],
    model_name: Annotated[str, typer.Option(help="The model's name, as its provider writes it.")],
    model_version: Annotated[str, typer.Option(help="The model's version or snapshot.")],
    model_provider: Annotated[str, typer.Option(help="The vendor, `internal`, or the digest of a cached model.")],
    prompt_file: Annotated[Path, typer.Option(help="The prompt; `-`: standard input. Digested, never stored or shown.")],
    prompt_version: Annotated[str, typer.Option(help="The prompt's version, one word.")],
    user: Annotated[str, typer.Option(help="The person who asked, by a stable id.")],
    agent: Annotated[str, typer.Option(help="The agent or tool that generated, by a stable id.")],
    prompt_key: Annotated[Path | None, typer.Option(help="Key for the digest (mode 0600); without it: a salt.")] = None,
    descriptor: Annotated[str, typer.Option(help="One line on what was asked; never the prompt.")] = "",
    template: Annotated[str, typer.Option(help="`id@version` of the template, for generated tests.")] = "",
    tool: Annotated[list[str] | None, typer.Option(help="`name@version` of a tool that took part; repeatable.")] = None,
    name: Annotated[str, typer.Option(help="The document's file name; by default it follows from the files.")] = "",
    sign: Annotated[Path | None, typer.Option(help="Sign with this P-256 key (PEM, mode 0600).")] = None,
    mark: Annotated[Marker, typer.Option(help="Mark the files: a comment in each, or lines in .gitattributes.")] = "none",
) -> None:
    """Write the provenance of files just generated. Goes under .llmgate/provenance, signed where a key is given."""
    from bot.cli.provenance_emit import Generation, Output, Prompt, run_emit

    said = Generation(model_name, model_version, model_provider, prompt_version, user, agent)
    said = replace(said, descriptor=descriptor, template=template, tools=tuple(tool or ()))
    run_emit(said, Prompt(prompt_file, prompt_key), Output(name, sign, mark), files)


def run() -> None:
    """Entry point of the `llmgate` command."""
    app()
