"""Time-stamps of a real authority over HTTP: only a token of its own, over these very bytes, holds."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from bot.ports.errors import Refused, Unavailable
from integrations.sandbox.clock import FakeClock
from integrations.timestamp.authority import BadRoots, HttpTimestampAuthority, read_roots
from tests.integrations.timestamp.stand_in import Authority, AuthorityDoor

NOTE = b"example.com/log\n7\nAAAA\n"


@pytest.fixture
def door(clock: FakeClock) -> Iterator[AuthorityDoor]:
    opened = AuthorityDoor(Authority(clock.now))
    yield opened
    opened.close()


def client_of(door: AuthorityDoor) -> HttpTimestampAuthority:
    return HttpTimestampAuthority(door.url, read_roots(door.authority.root_pem, "roots.pem"))


def test_a_token_says_when_the_content_was_stamped(door: AuthorityDoor, clock: FakeClock) -> None:
    client = client_of(door)
    stamped_at = clock.now()
    token = client.stamp(NOTE)
    clock.advance(timedelta(days=400))
    assert client.check(token, NOTE) == stamped_at


def test_a_token_over_other_bytes_does_not_hold(door: AuthorityDoor) -> None:
    client = client_of(door)
    checked = client.check(client.stamp(NOTE), NOTE + b"\n")
    assert isinstance(checked, str)
    assert "Mismatch between messages" in checked


def test_a_token_of_another_authority_does_not_hold(door: AuthorityDoor, clock: FakeClock) -> None:
    other = Authority(clock.now)
    checked = HttpTimestampAuthority("", (other.root,)).check(client_of(door).stamp(NOTE), NOTE)
    assert isinstance(checked, str)
    assert "does not hold" in checked


def test_a_changed_token_does_not_hold(door: AuthorityDoor) -> None:
    client = client_of(door)
    token = bytearray(client.stamp(NOTE))
    token[-1] ^= 1
    assert isinstance(client.check(bytes(token), NOTE), str)


def test_a_key_that_is_not_for_time_stamps_makes_none(clock: FakeClock) -> None:
    door = AuthorityDoor(Authority(clock.now, purpose=ExtendedKeyUsageOID.CODE_SIGNING))
    try:
        with pytest.raises(Refused, match="does not hold"):
            client_of(door).stamp(NOTE)
    finally:
        door.close()


def test_an_answer_to_another_question_is_refused(door: AuthorityDoor) -> None:
    door.authority.other_nonce = True
    with pytest.raises(Refused, match="Nonce mismatch"):
        client_of(door).stamp(NOTE)


def test_an_answer_about_other_bytes_is_refused(door: AuthorityDoor) -> None:
    door.authority.other_digest = True
    with pytest.raises(Refused, match="Mismatch between messages"):
        client_of(door).stamp(NOTE)


def test_an_authority_that_is_out_of_order_is_asked_again_later(door: AuthorityDoor) -> None:
    door.status = 503
    with pytest.raises(Unavailable, match="saw 503") as raised:
        client_of(door).stamp(NOTE)
    assert raised.value.retry_after_s == 30


def test_an_address_with_nobody_there_is_asked_again_later() -> None:
    with pytest.raises(Unavailable, match="it is tried again"):
        HttpTimestampAuthority("http://127.0.0.1:1/tsa", ()).stamp(NOTE)


def test_a_page_that_is_no_time_stamp_is_refused(door: AuthorityDoor) -> None:
    door.content_type = "text/html"
    with pytest.raises(Refused, match="wanted application/timestamp-reply"):
        client_of(door).stamp(NOTE)


def test_bytes_that_are_no_token_do_not_hold(door: AuthorityDoor) -> None:
    client = client_of(door)
    for token in (b"", b"0", b"x" * 300, b"x" * 70_000):
        assert isinstance(client.check(token, NOTE), str)


def test_without_roots_no_token_holds(door: AuthorityDoor) -> None:
    with pytest.raises(Refused, match=r"log\.timestamp_roots"):
        HttpTimestampAuthority(door.url, ()).stamp(NOTE)


def test_a_file_without_certificates_has_no_roots() -> None:
    with pytest.raises(BadRoots, match=r"saw no certificate in roots\.pem"):
        read_roots(b"nothing", "roots.pem")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
def test_openssl_takes_the_same_token(door: AuthorityDoor, tmp_path: Path) -> None:
    (tmp_path / "note").write_bytes(NOTE)
    (tmp_path / "token").write_bytes(client_of(door).stamp(NOTE))
    (tmp_path / "root.pem").write_bytes(door.authority.root_pem)
    at = str(int(door.authority.now().timestamp()))
    line = ["openssl", "ts", "-verify", "-token_in", "-in", "token", "-data", "note", "-CAfile", "root.pem", "-attime", at]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert "Verification: OK" in done.stdout + done.stderr, done.stderr
