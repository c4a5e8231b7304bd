"""Whose delivery it is: what is believed, and what is refused with which words."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

import pytest

from integrations.gitlab.signatures import Secrets, verify
from tests.integrations.gitlab.mail import KEY, NOW

SIGNING = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, for us").decode()
SECRETS, SIGNED = Secrets("secret"), Secrets("secret", SIGNING)


def signed(
    body: bytes, at: datetime = NOW, key: bytes = b"a key of thirty-two bytes, for us", name: str = KEY
) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    made = base64.b64encode(hmac.new(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{made}", "X-Gitlab-Event": "Push Hook"}


def test_the_secret_token_is_believed() -> None:
    assert verify(SECRETS, {"X-Gitlab-Token": "secret"}, b"{}", NOW) is None


@pytest.mark.parametrize(
    ("secrets", "headers", "says"),
    [
        (SECRETS, {}, "no X-Gitlab-Token"),
        (SECRETS, {"X-Gitlab-Token": "Secret"}, "not the secret"),
        (SECRETS, {"X-Gitlab-Token": "secret "}, "not the secret"),
        (SECRETS, {"X-Gitlab-Token": "ünlesbar\udcff"}, "not the secret"),
        (Secrets(), {"X-Gitlab-Token": ""}, "no webhook secret is set"),
        (Secrets(), {"X-Gitlab-Token": "secret"}, "no webhook secret is set"),
    ],
)
def test_any_other_token_is_refused_with_its_reason(secrets: Secrets, headers: dict[str, str], says: str) -> None:
    problem = verify(secrets, headers, b"{}", NOW)
    assert problem is not None
    assert says in problem
    assert SIGNING not in problem


def test_a_signature_is_believed_with_and_without_the_token_beside_it() -> None:
    assert verify(SIGNED, signed(b"{}"), b"{}", NOW) is None
    assert verify(SIGNED, {**signed(b"{}"), "X-Gitlab-Token": "secret"}, b"{}", NOW) is None
    assert verify(Secrets("", SIGNING), signed(b"{}"), b"{}", NOW) is None
    plain = Secrets("", "a token of the old form")
    assert verify(plain, signed(b"{}", key=b"a token of the old form"), b"{}", NOW) is None


def test_one_good_signature_among_several_is_enough() -> None:
    headers = signed(b"{}")
    other = signed(b"{}", key=b"the key before it was changed")["webhook-signature"]
    assert verify(SIGNED, {**headers, "webhook-signature": f"{other} {headers['webhook-signature']}"}, b"{}", NOW) is None
    assert verify(SIGNED, {**headers, "webhook-signature": other}, b"{}", NOW) is not None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"webhook-signature": ""}, "saw no webhook-signature"),
        ({"webhook-id": "", "webhook-timestamp": ""}, "saw no webhook-id, webhook-timestamp"),
        ({"webhook-timestamp": "yesterday"}, "no number of seconds"),
        ({"webhook-timestamp": "9" * 40}, "no number of seconds"),
        ({"webhook-id": "another-delivery"}, "does not match the body"),
        ({"webhook-signature": "v2,AAAA"}, "does not match the body"),
        ({"X-Gitlab-Token": "wrong"}, "not the secret"),
    ],
)
def test_where_a_signing_token_is_set_nothing_less_than_its_signature_will_do(change: dict[str, str], says: str) -> None:
    problem = verify(SIGNED, {**signed(b"{}"), **change}, b"{}", NOW)
    assert problem is not None
    assert says in problem
    assert verify(SIGNED, {"X-Gitlab-Token": "secret", "X-Gitlab-Event": "Push Hook"}, b"{}", NOW) is not None


@pytest.mark.parametrize(("late_s", "good"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_signature_is_good_for_five_minutes_around_now(late_s: int, good: bool) -> None:
    problem = verify(SIGNED, signed(b"{}", at=NOW - timedelta(seconds=late_s)), b"{}", NOW)
    assert (problem is None) is good
    assert good or "set both clocks" in str(problem)


def test_a_signing_token_that_is_none_is_said_to_be_none() -> None:
    assert "not base64" in str(verify(Secrets("", "whsec_not base64"), signed(b"{}"), b"{}", NOW))


@pytest.mark.parametrize("secrets", [SECRETS, SIGNED])
def test_a_status_check_signs_with_the_strongest_secret_that_is_set(secrets: Secrets) -> None:
    key = secrets.signing_token or secrets.token
    good = hmac.new(key.encode(), b"{}", hashlib.sha256).hexdigest()
    assert verify(secrets, {"X-Gitlab-Signature": good}, b"{}", NOW) is None
    assert verify(secrets, {"X-Gitlab-Signature": f"sha256={good.upper()}"}, b"{}", NOW) is None
    assert "shared secret" in str(verify(secrets, {"X-Gitlab-Signature": good}, b"{ }", NOW))
    weak = hmac.new(b"secret", b"{}", hashlib.sha256).hexdigest()
    assert (verify(secrets, {"X-Gitlab-Signature": weak}, b"{}", NOW) is None) is (secrets is SECRETS)


def test_secrets_are_in_no_repr() -> None:
    assert "secret" not in repr(SIGNED).replace("Secrets", "")
