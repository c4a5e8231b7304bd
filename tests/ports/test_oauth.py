"""What adapters of login providers share: PKCE to the letter of its RFC, addresses, and errors without secrets."""

from __future__ import annotations

import pytest

from bot.ports.errors import Conflict, RateLimited, Refused, Unavailable, Vanished, WorldError
from bot.ports.oauth import challenge, digest, telling, told_error, with_query

CODE = "a-code-of-some-length"


def test_the_challenge_is_the_one_of_the_rfcs_appendix() -> None:
    """RFC 7636, appendix B."""
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("verifier", ["", "v" * 42, "v" * 129, "v" * 42 + "+", "v" * 43 + "\n"])
def test_what_is_no_verifier_has_no_challenge(verifier: str) -> None:
    with pytest.raises(ValueError, match="saw a PKCE verifier that is none; wanted 43 to 128"):
        challenge(verifier)


@pytest.mark.parametrize("verifier", ["v" * 43, "v" * 128, "A-._~9" * 8])
def test_any_verifier_of_the_rfc_has_one(verifier: str) -> None:
    assert len(challenge(verifier)) == 43


def test_an_address_keeps_the_query_it_has() -> None:
    asked = {"redirect_uri": "https://gate.test/a?b=c&d", "state": "a b"}
    told = "redirect_uri=https%3A%2F%2Fgate.test%2Fa%3Fb%3Dc%26d&state=a+b"
    assert with_query("https://login.test/authorize", asked) == f"https://login.test/authorize?{told}"
    assert with_query("https://login.test/authorize?tenant=acme", asked) == f"https://login.test/authorize?tenant=acme&{told}"


def test_a_digest_is_of_the_whole_token() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_an_error_says_what_came_and_what_to_do() -> None:
    said = str(told_error("GitHub", "bad_code", "It is\nold.", "a new one"))
    assert said == "GitHub refused the login: bad_code It is old.; wanted a new one; start the login again"
    assert str(told_error("GitHub", "bad_code", "", "a new one")).startswith("GitHub refused the login: bad_code; wanted")


def told(error: WorldError, *secrets: str, later: str = "") -> WorldError:
    def attempt() -> None:
        with telling(*secrets) as kept:
            kept.append(later)
            raise error

    with pytest.raises(WorldError) as raised:
        attempt()
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    return raised.value


def test_no_secret_leaves_in_an_error_not_even_one_that_was_learned_on_the_way() -> None:
    said = str(told(Refused(f"saw {CODE} and a-token-of-some-length"), CODE, later="a-token-of-some-length"))
    assert said == "saw [secret] and [secret]"


def test_what_is_too_short_to_be_a_secret_is_left_in_words() -> None:
    assert str(told(Refused("saw a state of affairs"), "a", "", "state")) == "saw a state of affairs"


@pytest.mark.parametrize("error", [Refused("no"), Vanished("no"), Conflict("no")])
def test_whatever_does_not_pass_by_waiting_is_a_refusal(error: WorldError) -> None:
    assert type(told(error)) is Refused


def test_whatever_passes_by_waiting_says_how_long_and_that_the_person_tries_again() -> None:
    found = told(RateLimited("a limit; it is tried again", 30))
    assert isinstance(found, Unavailable)
    assert (str(found), found.retry_after_s) == ("a limit; start the login again", 30)


def test_nothing_happens_where_nothing_went_wrong() -> None:
    with telling(CODE) as kept:
        assert kept == [CODE]
