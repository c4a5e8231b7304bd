"""What every handler is given: ports, and the few settings that decide nothing by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.ids import ForgeName, RepoRef
from bot.core.policy.file import Parsed
from bot.handlers.clocks import Clocks
from bot.handlers.identity.roster import Roster
from bot.ports.chat import Chat
from bot.ports.clock import Clock
from bot.ports.errors import Refused
from bot.ports.forge import Forge
from bot.ports.hooks import Hooks
from bot.ports.login import LoginProvider
from bot.ports.notifier import Notifier
from bot.ports.store import Codec, Store
from bot.ports.trust import KeylessApprovals, LogSigner, Passkeys, ReportReader, Signer, TimestampAuthority, Verifier


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys and readers of hostile bytes."""

    signer: Signer
    verifier: Verifier
    reports: ReportReader
    passkeys: Passkeys | None = None
    """None where `web.public_url` is not set: a passkey is bound to the pages' own address."""
    keyless: KeylessApprovals | None = None
    log: LogSigner | None = None
    timestamps: TimestampAuthority | None = None
    public_keys: Mapping[str, bytes] = field(default_factory=dict)
    """PEM of each key that may have signed records, by the SHA-256 of its DER SubjectPublicKeyInfo."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The organisation's settings: the policy floor, and where cards go."""

    floor: Parsed | None = None
    channel: str = ""
    channels: Mapping[str, str] = field(default_factory=dict)
    """Channel by repository path, over the default."""
    public_url: str = ""
    """Where people reach the gate's own pages; empty: they cannot."""
    audit_channel: str = ""
    identity_claims: Mapping[str, str] = field(default_factory=dict)
    """The identity provider's claim that holds an account's number, by the host of its forge."""
    elsewhere_after: timedelta = timedelta(minutes=15)
    """So long what people are to hear of waits for the chat before it goes another way."""

    def channel_of(self, repo: RepoRef, policy_channel: str) -> str:
        return self.channels.get(repo.path) or policy_channel or self.channel


@dataclass(frozen=True, slots=True)
class Kit:
    store: Store
    codec: Codec
    clock: Clock
    forges: Mapping[tuple[ForgeName, str], Forge]
    chat: Chat | None
    trust: Trust
    people: Roster
    settled: Settled
    logins: Mapping[str, LoginProvider] = field(default_factory=dict)
    """Where people can sign in, by `LoginProvider.key`."""
    hooks: Hooks | None = None
    """The organisation's own endpoints, which a chain's step may tell."""
    notifier: Notifier | None = None
    """Another way to people, for when the chat does not answer or there is none."""
    clocks: Clocks = field(default_factory=Clocks)
    """When people work, as far as it is known in this process."""

    @property
    def reaches_people(self) -> bool:
        """Whether there is any way to tell people something."""
        return self.chat is not None or self.notifier is not None

    def forge(self, repo: RepoRef) -> Forge:
        found = self.forges.get((repo.forge, repo.host))
        if found is None:
            known = ", ".join(f"{forge} at {host}" for forge, host in self.forges) or "none"
            raise Refused(f"saw {repo.key}; wanted a connected forge ({known}); connect it with `llmgate init`")
        return found
