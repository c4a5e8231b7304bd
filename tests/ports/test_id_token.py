"""Identity tokens: one that is good in every way, and each thing that may be wrong with one."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from bot.ports.errors import Refused
from bot.ports.id_token import LEEWAY, LONGEST_TOKEN, Expected, Identity, check_id_token
from integrations.sandbox.oauth.signing import SigningKey, left_half, signing_key

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
KEY, OTHER, CURVE = signing_key("one"), signing_key("another"), signing_key("one", "ES256")
ISSUER, CLIENT, NONCE = "https://login.acme.test", "llmgate", "n" * 43
EXPECTED = Expected(ISSUER, CLIENT, NONCE)
CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": CLIENT, "sub": "ann-1", "exp": AT + 120, "iat": AT, "nonce": NONCE}
MINUTES = 60


def check(claims: dict[str, Any], expected: Expected = EXPECTED, keys: tuple[SigningKey, ...] = (KEY,)) -> Identity:
    given = {name: value for name, value in claims.items() if value is not None}
    return check_id_token(keys[0].signed(given), [key.jwk for key in keys], expected, NOW)


def refusal(claims: dict[str, Any], expected: Expected = EXPECTED) -> str:
    with pytest.raises(Refused) as refused:
        check(claims, expected)
    said = str(refused.value)
    assert said.startswith("the identity token is not believed: saw ")
    assert said.endswith("; start the login again")
    return said.removeprefix("the identity token is not believed: saw ").removesuffix("; start the login again")


@pytest.mark.parametrize("key", [KEY, CURVE], ids=["RS256", "ES256"])
def test_a_good_token_names_its_subject(key: SigningKey) -> None:
    found = check(CLAIMS, keys=(key, OTHER))
    assert (found.subject, found.auth_time) == ("ann-1", None)


def test_it_tells_when_the_person_proved_themselves() -> None:
    assert check({**CLAIMS, "auth_time": AT - 30}).auth_time == NOW - timedelta(seconds=30)


def test_no_auth_time_lies_in_the_future_of_this_machine() -> None:
    assert check({**CLAIMS, "auth_time": AT + 30}).auth_time == NOW


def test_chosen_claims_are_texts_and_the_others_are_left_out() -> None:
    told = {"github_id": 2001, "team": "core", "groups": ["b", "a"], "admin": True, "empty": None, "more": "x"}
    chosen = check({**CLAIMS, **told}).chosen(["github_id", "team", "groups", "admin", "empty", "missing"])
    assert chosen == {"github_id": "2001", "team": "core", "groups": '["b","a"]', "admin": "true"}


@pytest.mark.parametrize(
    ("wrong", "saw"),
    [
        ({"iss": "https://evil.test"}, "the issuer https://evil.test; wanted https://login.acme.test"),
        ({"iss": f"{ISSUER}/"}, "the issuer https://login.acme.test/; wanted"),
        ({"iss": None}, "the issuer null; wanted"),
        ({"aud": "another"}, "the audience another; wanted this client's id"),
        ({"aud": None}, "the audience null; wanted"),
        ({"aud": ["another", "third"]}, 'the audience ["another","third"]; wanted'),
        ({"aud": [CLIENT, "another"]}, "several audiences"),
        ({"azp": "another"}, "the authorized party another; wanted"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "the authorized party another; wanted"),
        ({"exp": AT - 60}, "a token that ended at 2026-03-03 08:59:00 UTC; wanted one that still holds"),
        ({"exp": None}, "no number as `exp`"),
        ({"exp": True}, "no number as `exp`"),
        ({"exp": 1e300}, "1e+300 as `exp`"),
        ({"iat": AT + 61}, "a token of 2026-03-03 09:01:01 UTC, which is to come"),
        ({"iat": AT - 11 * MINUTES - 1}, "a token of 2026-03-03 08:48:59 UTC; wanted one issued within ten minutes"),
        ({"iat": None}, "no number as `iat`"),
        ({"nbf": AT + 61}, "a token that does not hold yet"),
        ({"nonce": "m" * 43}, "the nonce of another login, or none"),
        ({"nonce": None}, "the nonce of another login, or none"),
        ({"nonce": 7}, "the nonce of another login, or none"),
        ({"sub": None}, "no subject"),
        ({"sub": ""}, "no subject"),
        ({"sub": 2001}, "no subject"),
        ({"sub": "x" * 256}, "no subject"),
        ({"auth_time": AT + 61}, "an `auth_time` of 2026-03-03 09:01:01 UTC, which is to come"),
        ({"auth_time": "yesterday"}, "no number as `auth_time`"),
    ],
)
def test_a_wrong_claim_is_refused_with_what_was_seen(wrong: dict[str, Any], saw: str) -> None:
    assert refusal({**CLAIMS, **wrong}).startswith(saw)


@pytest.mark.parametrize(
    "fine",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another"], "azp": CLIENT},
        {"azp": CLIENT},
        {"exp": AT - 59},
        {"iat": AT + 60},
        {"iat": AT - 11 * MINUTES},
        {"nbf": AT + 60},
        {"iat": AT + 0.5},
    ],
)
def test_what_is_within_bounds_is_believed(fine: dict[str, Any]) -> None:
    assert check({**CLAIMS, **fine}).subject == "ann-1"


def test_a_proof_older_than_was_asked_for_is_refused() -> None:
    recent = replace(EXPECTED, max_age=timedelta(minutes=5))
    assert check({**CLAIMS, "auth_time": AT - 6 * MINUTES}, recent).auth_time == NOW - timedelta(minutes=6)
    said = refusal({**CLAIMS, "auth_time": AT - 6 * MINUTES - 1}, recent)
    assert said.startswith("a person who proved themselves 361 s ago; wanted 300 s at most")


def test_a_provider_that_does_not_say_how_old_the_proof_is_is_refused_where_that_was_asked_for() -> None:
    assert refusal(CLAIMS, replace(EXPECTED, max_age=timedelta())).startswith("no `auth_time`; wanted when the person")


def test_the_token_vouches_for_the_access_token_it_came_with() -> None:
    came = replace(EXPECTED, access_token="opaque")
    assert check({**CLAIMS, "at_hash": left_half("opaque")}, came).subject == "ann-1"
    assert check(CLAIMS, came).subject == "ann-1"
    assert refusal({**CLAIMS, "at_hash": left_half("swapped")}, came).startswith("the `at_hash` of another access token")


def refused(token: str, *keys: dict[str, Any]) -> str:
    with pytest.raises(Refused) as failed:
        check_id_token(token, keys or (KEY.jwk,), EXPECTED, NOW)
    return str(failed.value)


def test_a_token_of_another_key_is_refused() -> None:
    forged = replace(OTHER, kid=KEY.kid).signed(CLAIMS)
    assert "saw InvalidSignatureError; wanted a token signed with a published key" in refused(forged)


def test_a_key_that_is_not_published_is_refused() -> None:
    assert f"saw the key {OTHER.kid}, which 0 of the published RS256 keys are; wanted exactly one" in refused(
        OTHER.signed(CLAIMS)
    )


def test_a_token_that_names_no_key_is_believed_where_there_is_one_and_no_more() -> None:
    token = jwt.encode(CLAIMS, KEY.key, "RS256")
    assert check_id_token(token, [KEY.jwk, CURVE.jwk], EXPECTED, NOW).subject == "ann-1"
    assert "saw no key, which 2 of the published RS256 keys are" in refused(token, KEY.jwk, OTHER.jwk)


def test_an_unsigned_token_is_refused() -> None:
    assert "saw the algorithm none; wanted one of RS256, ES256" in refused(jwt.encode(CLAIMS, "", "none"))


def test_a_public_key_is_no_shared_secret() -> None:
    secret = json.dumps(KEY.jwk).encode()
    forged = jwt.encode(CLAIMS, hashlib.sha256(secret).digest(), "HS256", {"kid": KEY.kid})
    shared = {"kty": "oct", "kid": KEY.kid, "k": base64.urlsafe_b64encode(hashlib.sha256(secret).digest()).decode()}
    assert "saw the algorithm HS256" in refused(forged, shared)


@pytest.mark.parametrize("wrong", [{"use": "enc"}, {"alg": "RS512"}, {"kty": "EC"}])
def test_a_key_for_something_else_is_no_key(wrong: dict[str, str]) -> None:
    assert "which 0 of the published RS256 keys are" in refused(KEY.signed(CLAIMS), {**KEY.jwk, **wrong})


@pytest.mark.parametrize("wrong", [{"n": "AQAB"}, {"n": "!"}, {"n": None}])
def test_a_broken_or_short_key_is_refused(wrong: dict[str, Any]) -> None:
    assert "wanted a token signed with a published key" in refused(KEY.signed(CLAIMS), {**KEY.jwk, **wrong})


def test_an_extension_that_must_be_understood_is_refused() -> None:
    token = jwt.encode(CLAIMS, KEY.key, "RS256", {"kid": KEY.kid, "crit": ["exp"], "exp": 1})
    assert "not believed" in refused(token)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "ä.ö.ü", "e30.e30.", "." * 9])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert "wanted" in refused(token)


def test_a_payload_that_is_no_object_is_refused() -> None:
    signed = jwt.PyJWS().encode(b'["a list"]', KEY.key, "RS256", {"kid": KEY.kid})
    assert "saw no claims; wanted a JSON object" in refused(signed)


def test_an_endless_token_is_not_even_read() -> None:
    assert f"wanted {LONGEST_TOKEN} at most" in refused("x" * (LONGEST_TOKEN + 1))


def test_a_claim_of_the_providers_is_said_on_one_short_line() -> None:
    said = refusal({**CLAIMS, "iss": "evil\n\x1b[31m" + "x" * 500})
    assert "\n" not in said
    assert "\x1b" not in said
    assert len(said) < 250


def test_clocks_may_differ_by_a_minute() -> None:
    assert timedelta(seconds=60) == LEEWAY
