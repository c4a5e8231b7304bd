"""Approvals by passkey, through the gate's own pages: what counts, and what each attack is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from bot.cli.hands import Hands
from bot.cli.playground import Playground
from bot.core import base64url
from tests.authenticator import PRESENT, VERIFIED, SoftKey
from tests.authenticator import Browser as Platform
from tests.scenarios.browsers import address_in, browsers
from tests.scenarios.conftest import at_rest
from tests.scenarios.signing_desk import Desk, options_of, policy
from tests.scenarios.tying import direct, last_private, records, sign_in_label

HOSTILE = "Looks \u202egood\u202c <script>alert(1)</script> & more"


@pytest.fixture
def desk(one_world: Playground) -> Iterator[Desk]:
    one_world.push_policy(policy("passkey"))
    number = one_world.open_generated().number
    one_world.settle()
    for new in browsers(one_world):
        yield Desk(one_world, new, number)
    at_rest(one_world)


def test_two_passkeys_turn_a_high_tier_change_green_and_the_records_say_so(desk: Desk) -> None:
    bob, sue = SoftKey(), SoftKey("EdDSA", base64url.encode(b"credential-of-sue"))
    for name, key in (("bob", bob), ("sue", sue)):
        assert "is yours now" in desk.enrol(name, key).text
        signed = desk.sign(desk.new().go(desk.ask(name)), key)
        assert signed.text.startswith("llmgate Signed Your approval is on its way")
        desk.world.settle()
    assert desk.world.verdict_on(desk.world.head()) == "allowed"
    assert [(one.person, one.strength) for one in desk.decisions()] == [("bob", "passkey"), ("sue", "passkey")]
    (record,) = records(desk.world, "person:bob", "passkey")
    assert dict(desk.decisions()[0].proof)["credentialId"] == record.details["credentialId"] == bob.id
    assert [message.text for message in direct(desk.world, "bob")] == ["A passkey was added to your name: bob's laptop"]


def test_a_press_alone_is_not_enough_and_nothing_is_recorded_before_the_signature(desk: Desk) -> None:
    desk.ask("bob")
    assert last_private(desk.world, "bob").text == f"One more step to approve {desk.world.ref(1)}: nothing is recorded yet."
    assert desk.decisions() == ()


def test_the_page_shows_the_very_statement_in_words_and_bytes_and_lets_no_text_of_strangers_act(desk: Desk) -> None:
    url = desk.ask("bob", HOSTILE)
    page = desk.new().go(url)
    assert page.answer is not None
    statement = httpx.get(f"{url}/statement", trust_env=False)
    assert statement.headers["content-type"] == "application/vnd.in-toto+json"
    assert hashlib.sha256(statement.content).hexdigest() in page.text
    assert json.loads(statement.content)["predicate"]["reason"] == HOSTILE
    assert "Looks \ufffdgood\ufffd <script>alert(1)</script> & more" in page.text
    assert "Looks \\u202egood\\u202c <script>" in page.text
    for unseen in ("\u202e", "<script>alert"):
        assert unseen not in page.answer.text
    assert desk.world.head() in page.text
    assert "✓ The tests exist, pass" in page.text
    rules = page.answer.headers["content-security-policy"]
    assert "default-src 'none'" in rules
    assert "script-src 'sha256-" in rules
    assert "unsafe" not in rules
    assert "frame-ancestors 'none'" in rules
    assert page.answer.headers["cache-control"] == "no-store"


def test_what_a_passkey_signs_is_the_digest_of_the_bytes_that_the_page_serves(desk: Desk) -> None:
    desk.enrol("bob", SoftKey())
    url = desk.ask("bob")
    challenge = json.loads(options_of(desk.new().go(url)))["challenge"]
    served = httpx.get(f"{url}/statement", trust_env=False).content
    assert base64url.decode(challenge) == hashlib.sha256(served).digest()


def test_a_replayed_assertion_is_refused_and_ends_the_link(desk: Desk) -> None:
    key = SoftKey()
    desk.enrol("bob", key)
    first = desk.new().go(desk.ask("bob"))
    spent = key.get(options_of(first), desk.platform)
    url = desk.ask("bob")
    second = desk.new().go(url)
    refused = desk.answer(second, spent)
    assert refused.status == 410
    assert "Nothing was signed: saw a signature over another challenge" in refused.text
    assert "used already" in desk.new().go(url).text
    assert desk.decisions() == ()
    assert "Signed" in desk.answer(first, spent).text
    desk.world.settle()
    assert len(desk.decisions()) == 1


def test_another_persons_key_is_refused(desk: Desk) -> None:
    desk.enrol("bob", SoftKey())
    hers = SoftKey(id=base64url.encode(b"credential-of-sue"))
    desk.enrol("sue", hers)
    refused = desk.sign(desk.new().go(desk.ask("bob")), hers)
    assert "saw a passkey that is somebody else's; wanted one of the passkeys of bob" in refused.text
    assert desk.decisions() == ()


@pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature"])
def test_one_changed_byte_is_refused(desk: Desk, field: str) -> None:
    key = SoftKey()
    desk.enrol("bob", key)
    browser = desk.new().go(desk.ask("bob"))
    whole = json.loads(key.get(options_of(browser), desk.platform))
    content = bytearray(base64url.decode(whole["response"][field]))
    content[40 % len(content)] ^= 1
    whole["response"][field] = base64url.encode(bytes(content))
    refused = desk.answer(browser, json.dumps(whole))
    assert refused.status == 410
    assert "Nothing was signed: saw " in refused.text
    assert desk.decisions() == ()


def test_without_user_verification_it_is_a_slip_that_the_link_survives(desk: Desk) -> None:
    key = SoftKey()
    desk.enrol("bob", key)
    url = desk.ask("bob")
    slipped = desk.sign(desk.new().go(url), key, Platform(desk.platform.origin, flags=PRESENT))
    assert slipped.status == 422
    assert "Saw a passkey that did not verify its user; wanted a fingerprint, a face or a PIN" in slipped.text
    assert "Signed" in desk.sign(desk.new().go(url), key, Platform(desk.platform.origin, flags=PRESENT | VERIFIED)).text


def test_a_link_dies_after_five_minutes_for_page_statement_and_signature(desk: Desk) -> None:
    key = SoftKey()
    desk.enrol("bob", key)
    url = desk.ask("bob")
    browser = desk.new().go(url)
    answer = key.get(options_of(browser), desk.platform)
    desk.world.clock.advance(timedelta(minutes=5))
    assert "This link expired at" in desk.answer(browser, answer).text
    assert "This link expired at" in desk.new().go(url).text
    late = httpx.get(f"{url}/statement", trust_env=False)
    assert (late.status_code, late.text.startswith("This link expired at")) == (410, True)


def test_a_form_of_another_site_signs_nothing(desk: Desk) -> None:
    key = SoftKey()
    desk.enrol("bob", key)
    url = desk.ask("bob")
    browser = desk.new().go(url)
    answer = key.get(options_of(browser), desk.platform)
    forged = httpx.post(f"{url}/assertion", data={"answer": answer, "word": "guessed"}, trust_env=False)
    assert forged.status_code == 403
    assert "This press did not come from" in forged.text
    assert "Signed" in desk.answer(browser, answer).text


def test_a_passkey_is_added_on_the_way_to_a_signature_and_the_page_leads_back(desk: Desk) -> None:
    key = SoftKey()
    browser = desk.new().go(desk.ask("bob"))
    assert "You have no passkey here yet" in browser.text
    (form,) = browser.page.forms
    assert browser.answer is not None
    browser.answer = browser.client.post(browser.answer.url.join(form.action), data=form.fields)
    browser.sign_in(sign_in_label(desk.world), "bob")
    desk.answer(browser, key.create(options_of(browser), desk.platform), label="laptop")
    assert browser.answer is not None
    (back,) = browser.page.links
    browser.go(str(browser.answer.url.join(back)))
    assert "Signed" in desk.sign(browser, key).text
    desk.world.settle()
    assert [one.strength for one in desk.decisions()] == ["passkey"]


def test_only_the_persons_own_account_lets_a_passkey_be_added(desk: Desk) -> None:
    Hands(desk.world, "bob").say("/llmgate passkey")
    browser = desk.new().go(address_in(last_private(desk.world, "bob")))
    browser.sign_in(sign_in_label(desk.world), "sue")
    assert f"Saw a sign-in as @sue on {desk.world.forge.host}; wanted an account of bob" in browser.text
    assert "What do you call" not in browser.text


def test_a_removed_key_signs_nothing_more_and_what_it_signed_still_counts(desk: Desk) -> None:
    key = SoftKey()
    desk.enrol("bob", key)
    bob = Hands(desk.world, "bob")
    desk.sign(desk.new().go(desk.ask("bob")), key)
    desk.world.settle()
    desk.world.clock.advance(timedelta(minutes=1))
    assert "*bob's laptop* · added" in bob.say("/llmgate passkey")
    assert "was removed" in bob.say("/llmgate passkey remove bob's laptop")
    assert [one.person for one in desk.decisions()] == ["bob"]
    assert [one.kind for one in records(desk.world, "person:bob")] == ["passkey", "passkey-removed"]
    assert "You have no passkey here yet" in bob.say("/llmgate passkey")
