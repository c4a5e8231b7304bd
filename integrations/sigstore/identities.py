"""Who may have signed, as a check of certificates asks it.

An identity of the policy may hold `*`, as in `https://github.com/acme/*`, which stands for anything; case counts, because a
branch `MAIN` is not the protected `main`. The issuer is compared as it stands. The identity of a person holds no `*`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from bot.core.policy.model import SignerRule
from integrations.sigstore.certificate import Holder, holder_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


class Stranger(Exception):
    """The certificate is good and for somebody else."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(str(holder))


class Wanted(Protocol):
    """Who may have signed, as sigstore asks it. `matched` names the very identity that was let in."""

    matched: str

    def verify(self, cert: Certificate) -> None:
        """Raises Stranger."""
        ...


class AnyOf:
    """The policy's rules."""

    def __init__(self, rules: Sequence[SignerRule]) -> None:
        self._rules = rules
        self.matched = ""

    def verify(self, cert: Certificate) -> None:
        holder = holder_of(cert)
        for rule in self._rules:
            if named(rule, holder.names, holder.issuer):
                self.matched = str(holder)
                return
        raise Stranger(holder)

    def __str__(self) -> str:
        return " or ".join(f"{rule.identity} (by {rule.issuer})" for rule in self._rules)


class Exactly:
    """One identity of one issuer, letter by letter."""

    def __init__(self, identity: str, issuer: str) -> None:
        self._identity = identity
        self._issuer = issuer
        self.matched = ""

    def verify(self, cert: Certificate) -> None:
        holder = holder_of(cert)
        if not self._identity or not self._issuer or holder != Holder((self._identity,), self._issuer):
            raise Stranger(holder)
        self.matched = str(holder)

    def __str__(self) -> str:
        return f"{self._identity or 'an identity'} (by {self._issuer or 'an issuer'})"


def named(rule: SignerRule, names: Sequence[str], issuer: str) -> bool:
    """Whether a rule of the policy names the holder of a certificate."""
    return rule.issuer == issuer and any(_pattern(rule.identity).fullmatch(name) for name in names)


@lru_cache(maxsize=256)
def _pattern(identity: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in identity.split("*")), re.DOTALL)
