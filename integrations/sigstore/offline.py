"""Checking an exported approval with nothing but the file and a public key: no server, no network, no database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from bot.core.approval import Approval
from bot.core.ids import ForgeName
from bot.core.in_toto import PAYLOAD_TYPE, NotAStatement
from bot.core.statement import read_statement
from integrations.sigstore.bundle import BadBundle, Envelope, read_bundle, signature_holds
from integrations.sigstore.keys import fingerprint
from integrations.sigstore.signatures import PublicKey


class Outcome(IntEnum):
    """What was found, as the exit code of `llmgate verify`."""

    GOOD = 0
    NO_BUNDLE = 10
    WRONG_KEY = 11
    ALTERED = 12
    NO_STATEMENT = 13
    WRONG_REPOSITORY = 14
    WRONG_CHANGE = 15
    WRONG_COMMIT = 16
    NOT_APPROVED = 17
    NOT_THEIRS = 18
    NOT_IN_LOG = 19
    NO_ORIGIN = 20
    VOIDED = 21


@dataclass(frozen=True, slots=True)
class Expected:
    """What the reader of an approval expects it to be about. Empty: not asked."""

    repository: str = ""
    """`acme/shop` or `git+https://host/acme/shop`"""
    number: int | None = None
    commit: str = ""
    """A full commit id, or at least 12 of its first digits."""
    forge: ForgeName | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    outcome: Outcome
    message: str
    approval: Approval | None = None


def verify_approval(content: bytes, key: PublicKey, expected: Expected) -> Checked:
    """Check one bundle. The message names what was seen and what was wanted."""
    try:
        envelope = read_bundle(content)
    except BadBundle as error:
        return Checked(Outcome.NO_BUNDLE, f"Not an approval: {error}.")
    wrong = _check_signature(envelope, key)
    if wrong:
        return wrong
    try:
        approval = read_statement(envelope.payload)
    except NotAStatement as error:
        return Checked(Outcome.NO_STATEMENT, f"Signed, but no approval: {error}.")
    return check_subject(approval, expected)


def _check_signature(envelope: Envelope, key: PublicKey) -> Checked | None:
    if envelope.payload_type == PAYLOAD_TYPE and signature_holds(envelope, key):
        return None
    given = fingerprint(key)
    if envelope.certified:
        message = "Signed with a certificate, not with an organisation key: saw a keyless bundle; wanted a key hint."
        return Checked(Outcome.WRONG_KEY, message)
    if envelope.key_hint != given:
        message = f"Signed by another key: saw key {envelope.key_hint[:16] or 'unnamed'}…; wanted {given[:16]}…, the one given."
        return Checked(Outcome.WRONG_KEY, message)
    message = "The content was altered after signing: saw a signature of the right key over other bytes; wanted it untouched."
    return Checked(Outcome.ALTERED, message)


def check_subject(approval: Approval, expected: Expected) -> Checked:
    """Whether it is about what the reader expects, and an approval at all."""
    repo = approval.change.repo
    if expected.repository and expected.repository not in (repo.path, repo.uri, f"{repo.host}/{repo.path}"):
        message = f"For another repository: saw {repo.host}/{repo.path}; wanted {expected.repository}."
        return Checked(Outcome.WRONG_REPOSITORY, message, approval)
    if expected.forge is not None and expected.forge != repo.forge:
        message = f"For a change on another forge: saw {approval.change}, on {repo.forge}; wanted one on {expected.forge}."
        return Checked(Outcome.WRONG_CHANGE, message, approval)
    if expected.number is not None and expected.number != approval.change.number:
        message = f"For another change: saw {approval.change}; wanted number {expected.number}."
        return Checked(Outcome.WRONG_CHANGE, message, approval)
    if expected.commit and not approval.head_sha.startswith(expected.commit.lower()):
        message = f"For another commit: saw {approval.head_sha}; wanted {expected.commit}. A push voids an approval: ask again."
        return Checked(Outcome.WRONG_COMMIT, message, approval)
    if approval.decision != "approved":
        message = f"Not an approval: saw the decision {approval.decision!r}; wanted 'approved'."
        return Checked(Outcome.NOT_APPROVED, message, approval)
    return Checked(Outcome.GOOD, "Verified.", approval)
