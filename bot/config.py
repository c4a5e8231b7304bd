"""Settings, read once: `llmgate.toml`, over it the environment (`LLMGATE_GITHUB__APP_ID=…`). Secrets never show.

Unknown keys are refused. A secret may be given as a value or, better, as `…_file`.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

DEFAULT_FILE = Path("llmgate.toml")
FILE_VARIABLE = "LLMGATE_CONFIG"


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
    """Every setting as (key, default, meaning), for the documentation and its test."""
    rows = []
    for part, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, inner in model.model_fields.items():
                default = inner.get_default(call_default_factory=True)
                shown = "" if isinstance(default, SecretStr) else str(default)
                rows.append((f"{part}.{name}", shown, inner.description or ""))
    return tuple(rows)
