"""Webhooks that are forged, broken, repeated or out of order: answered clearly, never believed, never lost."""

from __future__ import annotations

import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from tests.scenarios.forges import looks, redeliver, voice_of
from tests.scenarios.traces import overheard
from tests.scenarios.wire import Wire


@pytest.mark.parametrize("name", ["truncated", "empty", "a list", "deep", "no UTF-8", "a word for a number", "hardly anything"])
def test_a_body_that_is_no_delivery_is_refused_by_place(door: Wire, name: str) -> None:
    before = door.stored
    body, place = door.malformed(name)
    answer = door.hook(body)
    assert answer.status_code == 400
    assert f"cannot be read at {place}" in answer.text
    assert len(answer.text) < 500
    assert door.stored == before


def test_an_unknown_event_is_ignored_by_name(door: Wire) -> None:
    event, body = door.hooks.unknown
    answer = door.hook(body, event=event)
    assert answer.status_code == 202
    assert answer.text.startswith("ignored: the gate does not act on ")


def test_an_oversized_body_is_refused_before_it_is_read(door: Wire) -> None:
    before = door.stored
    answer = door.hook(b" " * (door.world.gate.settings.web.max_body + 1))
    assert answer.status_code == 413
    assert "8,388,608 bytes" in answer.text
    assert door.stored == before


def test_an_oversized_body_that_hides_its_length_is_refused(door: Wire) -> None:
    chunk = b" " * (1024 * 1024)
    answer = door.post(door.world.hook_url, (chunk for _ in range(9)), door.hook_headers(b""))
    assert answer.status_code == 413


def test_a_sender_that_hangs_up_half_way_stores_nothing_and_disturbs_nobody(door: Wire) -> None:
    body, before = door.opened(), door.stored
    address = urlsplit(door.world.hook_url)
    lines = [f"POST {address.path} HTTP/1.1", "Host: gate", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in door.hook_headers(body).items()]
    with overheard() as ears:
        with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode() + body[:50])
            line.shutdown(socket.SHUT_WR)
            answered = line.recv(4096)
        assert door.hook(door.hooks.unknown[1], event=door.hooks.unknown[0]).status_code == 202
    assert b" 2" not in answered[:12]
    assert door.stored == before
    assert "Traceback" not in ears.all
    assert "Exception in ASGI" not in ears.all


def test_a_delivery_sent_again_is_answered_and_evaluated_once(one_world: Playground) -> None:
    one_world.open_generated()
    one_world.settle()
    wire = Wire(one_world)
    opened = wire.delivered(wire.hooks.opened)[0]
    one_world.forge.clear_calls()
    again = redeliver(one_world, opened)
    replayed = wire.again(opened)
    one_world.settle()
    assert again.status == 202
    assert (replayed.status_code, replayed.text) == (202, "seen before\n")
    assert one_world.forge.calls == []


def test_fifty_copies_at_once_are_one_evaluation(one_world: Playground) -> None:
    one_world.settle()
    voice_of(one_world).held = True
    pull = one_world.open_generated()
    wire = Wire(one_world)
    opened = wire.delivered(wire.hooks.opened)[0]
    with ThreadPoolExecutor(16) as senders:
        answers = list(senders.map(lambda _: wire.again(opened), range(50)))
    one_world.settle()
    assert Counter((each.status_code, each.text) for each in answers) == {(202, "stored\n"): 1, (202, "seen before\n"): 49}
    assert looks(one_world) == 1
    assert one_world.verdict_on(pull.head_sha) == "waiting"


def test_events_in_the_wrong_order_end_at_the_newest_head(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    old = pull.head_sha
    voice_of(one_world).held = True
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "second"))
    middle = one_world.head()
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "third"))
    newest = one_world.head()
    wire = Wire(one_world)
    for number in reversed(wire.delivered(wire.hooks.moved)):
        voice_of(one_world).send_held(number)
        one_world.settle()
    assert one_world.verdict_on(newest) == "waiting"
    assert one_world.verdict_on(middle) == "absent"
    assert one_world.verdict_on(old) == "waiting"
    with one_world.gate.kit.store.begin() as unit:
        (record,) = unit.open_changes()
    assert record.head is not None
    assert record.head.head_sha == newest
    assert dict(record.pushers).keys() >= {middle, newest}
