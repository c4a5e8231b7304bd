"""A step of a chain tells an endpoint of the organisation's own, and a lead hears of it; nobody hears of it twice."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.layout import POLICY, Layout
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from integrations.gitlab.signatures import Secrets, verify
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.serve import Served
from tests.integrations.webhooks.listener import Listener
from tests.scenarios.waiting import request_of, tick, turns, wait

SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
CHAIN = """tiers:
  high:
    escalation:
      - {after: 30m, do: webhook, role: pager}
      - {after: 1h, do: webhook, role: siren}
"""


@pytest.fixture
def pager() -> Listener:
    return Listener()


@pytest.fixture
def paged(pager: Listener, forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """A change that waits, under a chain that tells two endpoints, of which the settings know one."""
    served = Served(pager)
    (tmp_path / "secret").write_text(SECRET)
    hook = {"url": f"http://127.0.0.1:{served.port}/llmgate", "secret_file": str(tmp_path / "secret")}
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, webhooks={"pager": hook}), clock)
    try:
        world.push_policy(POLICY + CHAIN)
        world.settle()
        world.open_generated()
        world.settle()
        yield world
    finally:
        world.close()
        served.close()


def test_an_endpoint_is_told_what_waits_for_whom_and_since_when(paged: Playground, pager: Listener) -> None:
    row = turns(paged)["codeowner"]
    wait(paged, timedelta(minutes=30))
    assert len(pager.told) == 2, "a seat each"
    told = [json.loads(body) for _, body in pager.told]
    assert {one["type"] for one in told} == {"llmgate.escalation"}
    data = next(one["data"] for one in told if one["data"]["seat"] == "codeowner")
    assert (data["change"], data["tier"], data["person"]) == (str(paged.ref(1)), "high", row.person)
    assert data["since"] == row.since.isoformat()
    headers, body = pager.told[0]
    assert verify(Secrets(signing_token=SECRET), headers, body, paged.clock.now()) is None
    assert request_of(paged).token not in body.decode(), "what a button carries goes nowhere else"


def test_an_endpoint_that_fails_is_told_again_until_it_takes_it(paged: Playground, pager: Listener) -> None:
    pager.status = 503
    wait(paged, timedelta(minutes=30))
    pager.status = 204
    wait(paged, timedelta(minutes=10), timedelta(minutes=1))
    ids = [headers["webhook-id"] for headers, _ in pager.told]
    assert len(set(ids)) == 2
    assert len(ids) > 2, "told again, under the same id"
    backlog = paged.gate.kit.store.backlog()
    assert (backlog.actions, backlog.dead_actions) == (0, 0)


def test_an_endpoint_that_no_setting_names_stops_nothing(paged: Playground, pager: Listener) -> None:
    wait(paged, timedelta(hours=1))
    tick(paged)
    assert len(pager.told) == 2
    assert {row.next_at for row in turns(paged).values()} == {None}
    assert paged.gate.kit.store.backlog().actions == 0
