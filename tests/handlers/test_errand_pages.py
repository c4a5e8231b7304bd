"""Pages of errands where something is missing: each says what, and what to do, and none breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.core.approval import Strength
from bot.core.ids import PersonId
from bot.ports.identity import Visit
from bot.web.pages.enrol import show_enrol
from bot.web.pages.sign import show_sign
from bot.web.pages.signing_routes import signing_routes
from bot.web.pages.visiting import visit_router
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.serve import Served
from storage.store import SqlStore
from tests.handlers.errands import CHATS, House, house


@pytest.fixture
def gate(sqlite_url: str, clock: FakeClock, tmp_path: Path) -> Iterator[House]:
    store = SqlStore(sqlite_url, clock)
    yield house(store, clock, tmp_path)
    store.close()


def get(gate: House, path: str) -> httpx.Response:
    app = FastAPI()
    app.include_router(visit_router(gate.kit, {"enrol": show_enrol, "sign": show_sign}))
    app.include_router(signing_routes(gate.kit))
    served = Served(app)
    try:
        return httpx.get(f"{served.url}/visit/{path}", trust_env=False)
    finally:
        served.close()


def page(gate: House, token: str) -> str:
    return get(gate, token).text


def without_passkeys(gate: House) -> House:
    return House(replace(gate.kit, trust=replace(gate.kit.trust, passkeys=None)), gate.clock)


def test_where_no_passkey_works_the_page_says_what_to_set(gate: House) -> None:
    bare = without_passkeys(gate)
    shown = page(bare, bare.ask())
    assert "No passkey works at this gate&#x27;s address: ask an admin to set `web.public_url`" in shown
    assert 'id="use-passkey"' not in shown
    enrolling = page(bare, bare.begin(Visit("", "enrol", CHATS["bob"], PersonId("bob"), gate.clock.now())))
    assert "browsers want https and a name" in enrolling


def test_where_nobody_can_sign_in_no_passkey_is_added(gate: House) -> None:
    shown = page(gate, gate.begin(Visit("", "enrol", CHATS["bob"], PersonId("bob"), gate.clock.now())))
    assert "a passkey is added behind a sign-in at the forge, and none is set up" in shown


@pytest.mark.parametrize(
    ("strength", "says"),
    [
        ("witnessed", "This statement asks for no signature of yours"),
        ("passkey", "You have no passkey here yet"),
        ("reauthenticated", "The policy wants a sign-in of at most 15 minutes ago"),
    ],
)
def test_each_strength_has_its_own_step(gate: House, strength: Strength, says: str) -> None:
    assert says in page(gate, gate.ask(strength))


def test_a_link_of_another_kind_and_an_unknown_one_lead_nowhere(gate: House) -> None:
    assert "leads nowhere: saw a token that llmgate did not give" in page(gate, "x" * 43)
    enrolling = gate.begin(Visit("", "enrol", CHATS["bob"], PersonId("bob"), gate.clock.now()))
    answer = get(gate, f"{enrolling}/statement")
    assert answer.status_code == 410
    assert "leads nowhere" in answer.text
