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
from typing import Any, get_args

from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from bot.config.parts import (
    Database,
    GitHub,
    GitLab,
    Log,
    Notify,
    Oidc,
    People,
    Policies,
    Signing,
    Slack,
    Web,
    Webhook,
    Work,
    WorkingHours,
)

DEFAULT_FILE = Path("llmgate.toml")
FILE_VARIABLE = "LLMGATE_CONFIG"
_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")


class BadSettings(ValueError):
    """The settings cannot be used; the message names each key with what was seen and wanted."""


class UnreadableSettings(BadSettings):
    """The file or the environment cannot even be read."""


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
    hours: WorkingHours = WorkingHours()
    oidc: Oidc = Oidc()
    log: Log = Log()
    webhooks: dict[str, Webhook] = Field(default_factory=dict)
    notify: Notify = Notify()
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
        self._check_sign_in()
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

    def _check_sign_in(self) -> None:
        sections: list[tuple[str, GitHub | GitLab | Oidc]] = [
            ("github", self.github),
            ("oidc", self.oidc),
            *((f"gitlab.{name}", one) for name, one in self.gitlab.items()),
        ]
        for name, one in sections:
            if bool(one.client_id) != bool(one.client_secret.get_secret_value()):
                raise ValueError(f"{name}: saw one of client_id and client_secret; wanted both, or neither")
            if one.client_id and not self.web.public_url:
                raise ValueError(f"{name}.client_id is set without web.public_url: people could not come back from signing in")

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
