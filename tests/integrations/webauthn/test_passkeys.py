"""Passkeys: what a browser answers, checked by the real library, against an authenticator in software that also misbehaves."""

from __future__ import annotations

import json
from collections.abc import Callable

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from bot.core import base64url
from bot.ports.trust import Passkeys
from integrations.webauthn.assertions import Assertions, key_problem
from integrations.webauthn.passkeys import WebAuthnPasskeys
from integrations.webauthn.place import BadPlace, place_of
from tests.authenticator import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Algorithm, Browser, SoftKey

URL = "https://gate.acme.example/llmgate"
ORIGIN = "https://gate.acme.example"
PLACE = ("gate.acme.example", ORIGIN)
CHALLENGE = bytes(range(32))
PASSKEYS: Passkeys = WebAuthnPasskeys(URL)
HOME = Browser(ORIGIN)


def enrolled(key: SoftKey, browser: Browser = HOME) -> tuple[str, bytes, str]:
    """Id, public key, problem."""
    options = PASSKEYS.registration_options("bob", "Bob", [], CHALLENGE)
    credential, public, proved = PASSKEYS.verify_registration(key.create(options, browser), CHALLENGE)
    return credential, public, proved.problem


def signed(key: SoftKey, browser: Browser = HOME, challenge: bytes = CHALLENGE) -> dict[str, str]:
    read = PASSKEYS.read_assertion(key.get(PASSKEYS.request_options([key.id], challenge), browser))
    assert not isinstance(read, str)
    return dict(read)


def problem_of(key: SoftKey, browser: Browser = HOME, challenge: bytes = CHALLENGE) -> str:
    """What is said of the key's signature over that challenge, where CHALLENGE was asked for."""
    return Assertions().verify_assertion(signed(key, browser, challenge), CHALLENGE, key.cose(), PLACE).problem


@pytest.fixture(params=["ES256", "EdDSA", "RS256"])
def key(request: pytest.FixtureRequest) -> SoftKey:
    algorithm: Algorithm = request.param
    return SoftKey(algorithm)


def test_a_passkey_of_each_kind_is_enrolled_and_signs(key: SoftKey) -> None:
    credential, public, problem = enrolled(key)
    assert (credential, public, problem) == (key.id, key.cose(), "")
    key.counter = 7
    proved = PASSKEYS.verify_assertion(signed(key), CHALLENGE, public, PLACE)
    assert (proved.problem, proved.sign_count, proved.synced) == ("", 7, False)


def test_one_changed_byte_anywhere_is_refused(key: SoftKey) -> None:
    proof = signed(key)
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        content = base64url.decode(proof[name])
        for place in {0, 32, len(content) // 2, len(content) - 1} & set(range(len(content))):
            altered = bytearray(content)
            altered[place] ^= 1
            changed = {**proof, name: base64url.encode(bytes(altered))}
            assert PASSKEYS.verify_assertion(changed, CHALLENGE, key.cose(), PLACE).problem.startswith("saw "), (name, place)
    for place in range(32):
        altered = bytearray(CHALLENGE)
        altered[place] ^= 1
        assert "another challenge" in PASSKEYS.verify_assertion(proof, bytes(altered), key.cose(), PLACE).problem


def test_another_spelling_of_the_same_bytes_is_refused() -> None:
    key = SoftKey("EdDSA")
    proof = signed(key)
    same = chr(ord(proof["signature"][-1]) + 1)  # 64 bytes leave the last four bits of their last character unused
    for spelling in (proof["signature"][:-1] + same, proof["signature"] + "=", proof["signature"] + "\n"):
        changed = {**proof, "signature": spelling}
        assert "signature that is no base64url" in PASSKEYS.verify_assertion(changed, CHALLENGE, key.cose(), PLACE).problem


@pytest.mark.parametrize(
    ("browser", "says"),
    [
        (Browser("https://gate.acme.example.evil.example"), "used at https://gate.acme.example.evil.example"),
        (Browser("http://gate.acme.example"), "wanted https://gate.acme.example"),
        (Browser(ORIGIN, extra={"crossOrigin": True}), "in a frame of another page"),
        (Browser(ORIGIN, extra={"crossOrigin": 0}), "in a frame of another page"),
        (Browser(ORIGIN, extra={"type": "webauthn.create"}), "saw a ceremony webauthn.create"),
        (Browser(ORIGIN, flags=PRESENT), "did not verify its user"),
        (Browser(ORIGIN, flags=VERIFIED), "nobody touched"),
        (Browser(ORIGIN, flags=PRESENT | VERIFIED | BACKED_UP), "backed up and cannot be"),
    ],
)
def test_what_a_browser_or_authenticator_may_not_say_is_refused_by_name(browser: Browser, says: str) -> None:
    problem = problem_of(SoftKey(), browser)
    assert says in problem
    assert "; wanted " in problem


def test_the_same_is_refused_of_a_new_passkey() -> None:
    key = SoftKey()
    assert "did not verify its user" in enrolled(key, Browser(ORIGIN, flags=PRESENT))[2]
    assert "used at https://evil.example" in enrolled(key, Browser("https://evil.example"))[2]
    assert "saw a ceremony webauthn.get" in enrolled(key, Browser(ORIGIN, extra={"type": "webauthn.get"}))[2]
    options = PASSKEYS.registration_options("bob", "Bob", [], bytes(32))
    _, public, proved = PASSKEYS.verify_registration(key.create(options, HOME), CHALLENGE)
    assert "another challenge" in proved.problem
    assert public == b""
    elsewhere = WebAuthnPasskeys("https://other.example").registration_options("bob", "Bob", [], CHALLENGE)
    assert "of another site; wanted one of gate.acme.example" in PASSKEYS.verify_registration(
        key.create(elsewhere, HOME), CHALLENGE
    )[2].problem  # fmt: skip


def test_another_key_and_another_site_are_told_apart() -> None:
    mine, other = SoftKey(), SoftKey()
    says = Assertions().verify_assertion(signed(mine), CHALLENGE, other.cose(), PLACE).problem
    assert "a signature that does not hold" in says
    assert "a passkey that you enrolled" in says
    read = PASSKEYS.read_assertion(mine.sign(base64url.encode(CHALLENGE), "evil.example", HOME))
    assert not isinstance(read, str)
    assert "of another site" in Assertions().verify_assertion(read, CHALLENGE, mine.cose(), PLACE).problem


def test_an_assertion_over_another_statement_does_not_serve_again() -> None:
    assert "a signature over another challenge" in problem_of(SoftKey(), challenge=bytes(32))


def test_a_synced_passkey_that_counts_nothing_is_taken_and_said_to_be_synced() -> None:
    key = SoftKey()
    proof = signed(key, Browser(ORIGIN, flags=PRESENT | VERIFIED | ELIGIBLE | BACKED_UP))
    proved = PASSKEYS.verify_assertion(proof, CHALLENGE, key.cose(), PLACE)
    assert (proved.problem, proved.sign_count, proved.synced) == ("", 0, True)


def test_a_weak_or_strange_key_is_not_enrolled() -> None:
    small = SoftKey("RS256", private=rsa.generate_private_key(65537, 1024))
    assert "an RSA key of 1024 bits" in enrolled(small)[2]
    other = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (number.to_bytes(32, "big") for number in (other.x, other.y))
    assert "COSE algorithm -36" in key_problem(cbor2.dumps({1: 2, 3: -36, -1: 1, -2: x, -3: y}))
    assert "another curve" in key_problem(cbor2.dumps({1: 2, 3: -7, -1: 2, -2: x, -3: y}))
    for nonsense in (b"", b"\x00", cbor2.dumps({}), cbor2.dumps({1: 2}), cbor2.dumps([1])):
        assert "cannot be read" in key_problem(nonsense)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda whole: whole.pop("response"),
        lambda whole: whole.update(type="password"),
        lambda whole: whole.update(rawId="AAAA"),
        lambda whole: whole.update(id=7),
        lambda whole: whole["response"].pop("signature"),
        lambda whole: whole["response"].update(signature="not base64!"),
        lambda whole: whole["response"].update(clientDataJSON=["AAAA"]),
        lambda whole: whole.update(padding="x" * 70_000),
    ],
)
def test_an_answer_that_is_none_is_told_apart(break_it: Callable[[dict[str, object]], object]) -> None:
    whole = json.loads(SoftKey().sign(base64url.encode(CHALLENGE), PLACE[0], HOME))
    break_it(whole)
    read = PASSKEYS.read_assertion(json.dumps(whole))
    assert isinstance(read, str)
    assert read.startswith("saw ")
    assert "; wanted " in read


@given(st.one_of(st.text(max_size=60), st.recursive(st.none() | st.text(max_size=5), lambda x: st.lists(x)).map(json.dumps)))
def test_no_text_crashes_the_reader(text: str) -> None:
    assert isinstance(PASSKEYS.read_assertion(text), str)
    assert PASSKEYS.verify_registration(text, CHALLENGE)[2].problem


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_no_bytes_crash_the_check(client: bytes, data: bytes, signature: bytes) -> None:
    fields = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
    proof = {"credentialId": "AAAA", **{name: base64url.encode(content) for name, content in fields.items()}}
    assert PASSKEYS.verify_assertion(proof, CHALLENGE, SoftKey("EdDSA").cose(), PLACE).problem


def test_the_options_ask_for_verification_and_leave_out_known_keys() -> None:
    creation = json.loads(PASSKEYS.registration_options("bob", "Bob", ["AAAA"], CHALLENGE))
    assert creation["authenticatorSelection"]["userVerification"] == "required"
    assert creation["authenticatorSelection"]["residentKey"] == "preferred"
    assert creation["attestation"] == "none"
    assert [one["alg"] for one in creation["pubKeyCredParams"]] == [-7, -8, -257]
    assert [one["id"] for one in creation["excludeCredentials"]] == ["AAAA"]
    assert "bob" not in base64url.decode(creation["user"]["id"]).decode("latin-1")
    request = json.loads(PASSKEYS.request_options(["BBBB"], CHALLENGE))
    assert (request["userVerification"], request["rpId"]) == ("required", "gate.acme.example")
    assert [one["id"] for one in request["allowCredentials"]] == ["BBBB"]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://gate.acme.example:8443/x/", ("gate.acme.example", "https://gate.acme.example:8443")),
        ("https://Gate.acme.example:443", ("gate.acme.example", "https://gate.acme.example")),
        ("http://localhost:8080", ("localhost", "http://localhost:8080")),
        ("https://bücher.example", ("xn--bcher-kva.example", "https://xn--bcher-kva.example")),
    ],
)
def test_the_place_is_spelled_as_browsers_spell_it(url: str, place: tuple[str, str]) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize("url", ["", "gate", "http://gate.acme.example", "https://10.0.0.7", "http://[::1]:80", "https://x:y"])
def test_a_place_where_no_passkey_works_is_refused(url: str) -> None:
    with pytest.raises(BadPlace, match=r"saw .*; wanted .*; set `web\.public_url`"):
        place_of(url)
