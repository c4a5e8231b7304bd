"""The sections of the settings, each a model of its own: what can be set, its default and its meaning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from bot.core.hours.calendar import Hours
from bot.core.hours.typed import NotRead, read_hours

_HOST = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$")
_SIGNING = re.compile(r"^whsec_([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$")
_ROOT = re.compile(r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")
_LOCAL = re.compile(r"^http://(localhost|127\.0\.0\.1|\[::1\])[:/]")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Part):
    url: str = Field(
        "sqlite:///llmgate.sqlite3", description="SQLite file or `postgresql://…`; PostgreSQL for several machines."
    )


class Web(Part):
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on.")
    public_url: str = Field("", description="Where the forge reaches this server; `doctor` compares it with the webhook.")
    max_body: int = Field(8 * 1024 * 1024, ge=1024, description="Largest webhook body taken, in bytes.")


class GitHub(Part):
    app_id: Annotated[str, BeforeValidator(str)] = Field("", description="The GitHub App's id; empty: GitHub is not connected.")
    private_key_file: Path | None = Field(None, description="The App's private key (PEM), mode 0600.")
    webhook_secret: SecretStr = Field(SecretStr(""), description="The webhook's secret.")
    host: str = Field("github.com", description="The host people see in URLs.")
    api_url: str = Field("https://api.github.com", description="REST root; on GitHub Enterprise Server `https://HOST/api/v3`.")
    web_url: str = Field("", description="Where people sign in to GitHub; empty: `https://HOST`.")
    client_id: str = Field("", description="The App's client id, for people to sign in; empty: nobody can link an account.")
    client_secret: SecretStr = Field(SecretStr(""), description="The App's client secret.")
    check_name: str = Field("llmgate", description="Name of the check; require exactly this one in branch protection.")
    carrier: Literal["check", "status"] = Field("check", description="`check` run, or commit `status` where checks are denied.")


GitLabCarrier = Literal["status", "external", "approval"]


class GitLab(Part):
    """One GitLab host; as many as there are, each under a name of its own."""

    host: str = Field("gitlab.com", description="The host people see in URLs; no two entries share one.")
    url: str = Field("", description="Where GitLab answers, a relative root included; empty: `https://HOST`.")
    token: SecretStr = Field(SecretStr(""), description="Token of the bot's account, scope `api`; empty: not connected.")
    webhook_token: SecretStr = Field(SecretStr(""), description="The webhook's secret token.")
    signing_token: SecretStr = Field(
        SecretStr(""), description="The webhook's signing token, `whsec_…` (GitLab 19.0 or later); if set, it must sign."
    )
    client_id: str = Field("", description="Application id of an OAuth application, for people to sign in.")
    client_secret: SecretStr = Field(SecretStr(""), description="That application's secret.")
    check_name: str = Field("llmgate", min_length=1, description="Name of the commit status and of the external status check.")
    carriers: Literal["auto"] | tuple[GitLabCarrier, ...] = Field(
        "auto", description="`auto`: what the licence offers; or a list of `status`, `external`, `approval`."
    )
    approve: bool = Field(
        False, description="The bot approves what the gate allows, and takes that back when it no longer does."
    )
    evidence_job: str = Field("", description="Job whose artifacts hold provenance and reports; empty: none.")
    packages: bool = Field(False, description="Read provenance and reports from the generic package `llmgate` too.")
    group: str = Field("", description="Only projects below this group; empty: all that the bot is a member of.")

    @property
    def root(self) -> str:
        """The address that API paths are added to."""
        return (self.url or f"https://{self.host}").rstrip("/")

    @field_validator("carriers", mode="before")
    @classmethod
    def _check_carriers(cls, value: object) -> object:
        known = get_args(GitLabCarrier)
        if value == "auto" or (isinstance(value, list | tuple) and value and all(each in known for each in value)):
            return value
        raise ValueError(f"saw {str(value)[:60]!r}; wanted auto, or a list of {', '.join(known)}")

    @model_validator(mode="after")
    def _complete(self) -> GitLab:
        if not _HOST.match(self.host):
            raise ValueError(f"saw host {self.host!r}; wanted a host name in small letters, as in gitlab.com")
        if not _ROOT.match(self.root) or self.root.endswith("/api/v4"):
            raise ValueError("saw a url that is no root; wanted https://HOST, without user, query and /api/v4")
        signing = self.signing_token.get_secret_value()
        if signing.startswith("whsec_") and not _SIGNING.match(signing):
            raise ValueError("saw a signing_token that is no whsec_ and base64; copy it again from the webhook's form")
        if self.token.get_secret_value() and not (self.webhook_token.get_secret_value() or signing):
            raise ValueError("token is set without webhook_token or signing_token: no webhook could be believed")
        return self


class Slack(Part):
    bot_token: SecretStr = Field(SecretStr(""), description="`xoxb-…`; empty: Slack is not connected.")
    app_token: SecretStr = Field(SecretStr(""), description="`xapp-…`, for Socket Mode.")
    signing_secret: SecretStr = Field(SecretStr(""), description="For HTTP mode: verifies that Slack is the sender.")
    mode: Literal["socket", "http"] = Field("socket", description="`socket` exposes nothing; `http` needs a public URL.")
    channel: str = Field("", description="Channel id for cards, unless the policy or `channels` names another.")
    channels: dict[str, str] = Field(default_factory=dict, description="Channel id by repository path.")
    api_url: str = Field("https://slack.com/api/", description="Web API root.")


class Signing(Part):
    key_file: Path = Field(
        Path("llmgate-signing.pem"), description="The organisation's key (PEM); `llmgate init` makes one on P-256."
    )
    key_uri: str = Field(
        "", description="The key by securesystemslib URI instead: `file:`, `hsm:`, `awskms:`, `gcpkms:`, `azurekms:`, `hv:`."
    )
    certificate_chain: Path | None = Field(
        None, description="The key's certificate, then intermediates (PEM), where an own CA vouches for it."
    )
    ca_roots: tuple[Path, ...] = Field((), description="Roots (PEM) of that CA.")
    retired_keys: tuple[Path, ...] = Field((), description="Public keys (PEM) that signed earlier approvals.")
    document_keys: tuple[Path, ...] = Field(
        (), description="Public keys (PEM) that may sign provenance, where policy names them."
    )
    trusted_root: Path | None = Field(
        None, description="Sigstore trusted_root.json, for provenance and approvals signed keyless."
    )


class Policies(Part):
    floor_file: Path | None = Field(
        None, description="The organisation's policy: repositories may tighten it, never loosen it."
    )


class People(Part):
    file: Path | None = Field(None, description="The mapping of people: chat and forge accounts by immutable ids.")


class WorkingHours(Part):
    """When people work whose own settings and whose chat say nothing else, and on which days nobody does."""

    zone: str = Field("UTC", description="Time zone, where Slack knows none of a person and they chose none.")
    start: str = Field("9:00", description="When people begin who chose nothing.")
    end: str = Field("17:30", description="When they end; before the beginning: on the day after.")
    days: str = Field("mon-fri", description="On which days they work.")
    holidays: dict[str, str] = Field(
        default_factory=dict,
        description="iCalendar file or https address, by a person's id, a time zone, or `default`; read once a day.",
    )

    @property
    def hours(self) -> Hours:
        """As the core has them. ValueError where they are none."""
        found = read_hours(f"{self.start}-{self.end} {self.days} {self.zone}", Hours())
        if isinstance(found, NotRead):
            raise ValueError(found.because)
        return found

    @model_validator(mode="after")
    def _readable(self) -> WorkingHours:
        found = self.hours
        if found.zone != self.zone.strip():
            raise ValueError(f"saw the zone {self.zone!r}; wanted one of the IANA database, as in Europe/Berlin")
        for name, source in self.holidays.items():
            if "://" in source and not (source.startswith("https://") or _LOCAL.match(source)):
                raise ValueError(f"holidays.{name}: saw an address that is not https://…; wanted one, or a file")
        return self


class Oidc(Part):
    """The organisation's identity provider."""

    issuer: str = Field("", description="OpenID Connect issuer; empty: none.")
    client_id: str = Field("", description="This gate's client id there.")
    client_secret: SecretStr = Field(SecretStr(""), description="Its secret.")
    claims: dict[str, str] = Field(
        default_factory=dict, description='Claim that holds the account\'s number, by forge host: `{github.com = "github_id"}`.'
    )


class Log(Part):
    """The transparency log."""

    key_file: Path = Field(Path("llmgate-log.pem"), description="The log's Ed25519 key; `llmgate init` makes one.")
    retired_keys: tuple[str, ...] = Field((), description="Verifier keys that signed earlier heads of this very log.")
    origin: str = Field("llmgate.local/log", description="The log's name in its checkpoints; never change it.")
    anchor_every_s: int = Field(3600, ge=10, description="Seconds between checkpoints that are anchored outside.")
    anchor_git: str = Field("", description="A git repository (path or URL) that checkpoints are pushed to.")
    anchor_ref: str = Field("refs/heads/llmgate-log", description="The ref there; protect it from force pushes.")
    audit_channel: str = Field("", description="Channel id where checkpoints are posted.")
    witnesses: tuple[str, ...] = Field((), description="Verifier keys of witnesses whose cosignatures are taken.")
    timestamp_url: str = Field("", description="RFC 3161 authority that dates checkpoints; empty: none.")
    timestamp_roots: tuple[Path, ...] = Field((), description="Its root certificates (PEM).")


class Webhook(Part):
    """One endpoint of the organisation's own, that a policy's `webhook` step names."""

    url: str = Field("", description="Where a chain's `webhook` step with this `role` is told; https, or http on this machine.")
    secret_file: Path | None = Field(None, description="File that holds `whsec_…`, which signs what is sent; mode 0600.")

    @model_validator(mode="after")
    def _complete(self) -> Webhook:
        local = _LOCAL.match(self.url)
        if not _ROOT.match(self.url) or not (self.url.startswith("https://") or local):
            raise ValueError("saw a url that is not https://HOST/…; wanted one, without user, query and fragment")
        if self.secret_file is None:
            raise ValueError("saw a url without secret_file; wanted both: nobody could tell that the gate is the sender")
        return self


class Notify(Part):
    """Another way to people, for when Slack does not answer or there is none."""

    after_minutes: int = Field(
        15, ge=15, le=1440, description="So long reminders and asks wait for Slack before they go another way."
    )
    smtp_url: str = Field(
        "", description="Mail server: `smtps://USER@HOST`, `smtp://…` (STARTTLS), or `smtp+plain://HOST` without login."
    )
    smtp_password_file: Path | None = Field(None, description="File that holds the password for it; mode 0600.")
    from_address: str = Field("", description="The address that letters are from.")
    apprise_url_file: Path | None = Field(
        None, description="File that holds an Apprise URL, instead of a mail server; it holds tokens: mode 0600."
    )

    @model_validator(mode="after")
    def _complete(self) -> Notify:
        if self.smtp_url and not self.from_address:
            raise ValueError("smtp_url is set without from_address: wanted both, as in llmgate@example.com")
        if self.smtp_password_file and not self.smtp_url:
            raise ValueError("smtp_password_file is set without smtp_url: wanted both")
        return self


class Work(Part):
    hands: int = Field(4, ge=1, le=64, description="Threads that take jobs; as many more deliver to the forge.")
    sweep_every_s: int = Field(300, ge=10, description="Seconds between reconcile sweeps, which repair missed webhooks.")
    name: str = Field("", description="This process's own name among replicas; empty: the host's.")
