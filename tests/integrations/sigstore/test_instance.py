"""The keys of an instance's logs: kept once all of them have begun, read anew until then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sigstore._internal.trust import KeyringPurpose
from sigstore.errors import Error
from sigstore.models import Bundle
from sigstore.verify.policy import Identity

from bot.core.statement import render_statement
from integrations.sigstore.instance import Instance
from tests.core.test_statement import DECISION
from tests.local_sigstore.instance import LocalSigstore

ANN, ISSUER = "ann@acme.example", "https://issuer.acme.example"
STATEMENT = render_statement(DECISION)
POLICY = Identity(identity=ANN, issuer=ISSUER)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    instance = LocalSigstore()
    yield instance
    instance.close()


@pytest.fixture
def instance(sigstore: LocalSigstore, tmp_path: Path) -> Instance:
    return Instance(sigstore.write_trusted_root(tmp_path / "trusted_root.json"))


@pytest.mark.parametrize("reader", ["rekor_keyring", "ct_keyring"])
def test_keys_that_have_all_begun_are_read_once(instance: Instance, reader: str) -> None:
    read = getattr(instance._trusted_root, reader)
    assert read(KeyringPurpose.VERIFY) is read(KeyringPurpose.VERIFY)
    assert read(KeyringPurpose.SIGN) is not read(KeyringPurpose.VERIFY)


@pytest.mark.parametrize("name", ["tlogs", "ctlogs"])
def test_a_key_whose_time_comes_later_counts_from_then_on(sigstore: LocalSigstore, instance: Instance, name: str) -> None:
    """The key that signed begins in a year, another one has begun: the bundle does not verify, and a year later it does."""
    stranger = LocalSigstore()
    stranger.close()
    logs, other = getattr(instance._trusted_root._inner, name), stranger.trusted_root()[name][0]
    logs.append(type(logs[0]).model_validate_json(json.dumps(other)))
    time = logs[0].public_key.valid_for
    began, time.start = time.start, time.start + timedelta(days=365)
    bundle = Bundle.from_json(sigstore.sign(STATEMENT, ANN, ISSUER))
    with pytest.raises(Error):
        instance.verify_dsse(bundle, POLICY)
    time.start = began
    assert instance.verify_dsse(bundle, POLICY)[1] == STATEMENT
