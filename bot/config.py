"""Settings, read once: `llmgate.toml`, over it the environment (`LLMGATE_GITHUB__APP_ID=…`). Secrets never show.

Unknown keys are refused. A GitLab host has a section of its own, by a name of the admin's choice: `[gitlab.work]`, in the
environment `LLMGATE_GITLAB__WORK__TOKEN=…`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

DEFAULT_FILE = Path("llmgate.toml")
FILE_VARIABLE = "LLMGATE_CONFIG"
_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
_HOST = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$")
_SIGNING = re.compile(r"^whsec_([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$")
_ROOT = re.compile(r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")


class BadSettings(ValueError):
    """The settings cannot be used; the message names each key with what was seen and wanted."""


class UnreadableSettings(BadSettings):
    """The file or the environment cannot even be read."""


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
    key_file: Path = Field(Path("llmgate-signing.pem"), description="The organisation's P-256 key; `llmgate init` makes one.")
    retired_keys: tuple[Path, ...] = Field((), description="Public keys (PEM) that signed earlier approvals.")
    document_keys: tuple[Path, ...] = Field(
        (), description="Public keys (PEM) that may sign provenance, where policy names them."
    )
    trusted_root: Path | None = Field(None, description="Sigstore trusted_root.json, for provenance signed keyless.")


class Policies(Part):
    floor_file: Path | None = Field(
        None, description="The organisation's policy: repositories may tighten it, never loosen it."
    )


class People(Part):
    file: Path | None = Field(None, description="The mapping of people: chat and forge accounts by immutable ids.")


class Work(Part):
    hands: int = Field(4, ge=1, le=64, description="Threads that take jobs; as many more deliver to the forge.")
    sweep_every_s: int = Field(300, ge=10, description="Seconds between reconcile sweeps, which repair missed webhooks.")
    name: str = Field("", description="This process's own name among replicas; empty: the host's.")


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(env_prefix="LLMGATE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    database: Database = Database()
    web: Web = Web()
    github: GitHub = GitHub()
    gitlab: dict[str, GitLab] = Field(default_factory=dict)
    slack: Slack = Slack()
    signing: Signing = Signing()
    policy: Policies = Policies()
    people: People = People()
    work: Work = Work()

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        if self.github.app_id and not self.github.private_key_file:
            raise ValueError("github.app_id is set without github.private_key_file: wanted both")
        if self.github.app_id and not self.github.webhook_secret.get_secret_value():
            raise ValueError("github.app_id is set without github.webhook_secret: no webhook could be believed")
        if self.slack.bot_token.get_secret_value():
            self._check_slack()
        self._check_gitlab()
        return self

    @staticmethod
    def source() -> Path | None:
        """The file that settings are read from here; None: the environment alone. Raises BadSettings."""
        return _chosen_file()

    def _check_slack(self) -> None:
        if self.slack.mode == "socket" and not self.slack.app_token.get_secret_value():
            raise ValueError("slack.mode is socket without slack.app_token (xapp-…): wanted both, or mode http")
        if self.slack.mode == "http" and not self.slack.signing_secret.get_secret_value():
            raise ValueError("slack.mode is http without slack.signing_secret: no request could be believed")

    def _check_gitlab(self) -> None:
        names: dict[str, str] = {}
        for name, entry in self.gitlab.items():
            if not _NAME.match(name):
                raise ValueError(f"saw the name gitlab.{name}; wanted small letters, digits and -, as in gitlab.work")
            other = names.setdefault(entry.host, name)
            if other != name:
                raise ValueError(f"gitlab.{other} and gitlab.{name} name the same host, {entry.host}; wanted one entry a host")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        chosen = _chosen_file()
        file = (TomlConfigSettingsSource(settings_cls, chosen),) if chosen else ()
        given = [named[key] for key in ("init_settings", "env_settings") if key in named] or list(sources[:2])
        return (*given, *file)


def _chosen_file() -> Path | None:
    named = os.environ.get(FILE_VARIABLE)  # noqa: TID251 - this module is where the environment is read
    if named:
        if not Path(named).exists():
            raise UnreadableSettings(f"saw {FILE_VARIABLE}={named} with no file there; wanted the settings; run `llmgate init`")
        return Path(named)
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def read_settings(**given: Any) -> Settings:
    """The settings. Raises BadSettings with one line a problem."""
    try:
        return Settings(**given)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableSettings(
            f"{_chosen_file()}: saw text that is no TOML ({error}); wanted `[part]` and `key = value` lines"
        ) from None
    except SettingsError as error:
        saw = str(error).partition(" from source")[0]
        raise UnreadableSettings(
            f"saw an environment variable that is no JSON ({saw}); wanted LLMGATE_PART__KEY=value"
        ) from None
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()
        ]
        raise BadSettings("\n".join(lines)) from None


def described() -> tuple[tuple[str, str, str], ...]:
    """Every setting as (key, default, meaning), for the documentation and its test. A name to choose stands as `<name>`."""
    rows = []
    for part, model in _parts():
        for name, inner in model.model_fields.items():
            default = inner.get_default(call_default_factory=True)
            rows.append((f"{part}.{name}", _shown(default), inner.description or ""))
    return tuple(rows)


def _parts() -> Iterator[tuple[str, type[BaseModel]]]:
    """Each section with its model; one of several alike as `section.<name>`."""
    for part, field in Settings.model_fields.items():
        alike = get_args(field.annotation)
        yield (f"{part}.<name>", alike[1]) if alike else (part, field.annotation)  # type: ignore[misc]  # both are models


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)
