"""What goes through Apprise: to a real endpoint, and without a word of its URL in any log or error."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest

from bot.core.messages.letter import Letter
from bot.ports.errors import Refused, Unavailable
from bot.ports.notifier import Recipient
from integrations.notify.apprise import AppriseNotifier
from integrations.sandbox.serve import Served
from tests.integrations.notify.place import TOKEN, Place

LETTER = Letter("2 changes wait for you", "Sent by e-mail because …\n\nTwo wait\n", "<p>Two wait</p>")

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # read by the library itself


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def notifier(place: Place) -> Iterator[AppriseNotifier]:
    served = Served(place)
    yield AppriseNotifier(f"json://127.0.0.1:{served.port}/{TOKEN}\n")
    served.close()


def test_a_letter_goes_to_the_one_place_and_says_for_whom_it_is(notifier: AppriseNotifier, place: Place) -> None:
    notifier.send(Recipient("Ann"), LETTER, "a")
    ((path, body),) = place.told
    assert path.strip("/") == TOKEN
    assert b"Ann: 2 changes wait for you" in body
    assert b"Two wait" in body


def test_what_is_sent_again_names_the_same_reference(notifier: AppriseNotifier, place: Place) -> None:
    for key in ("a", "a", "b"):
        notifier.send(Recipient("Ann"), LETTER, key)
    first, again, other = (body.partition(b"Reference ")[2][:12] for _, body in place.told)
    assert first == again != other


def test_a_service_that_fails_is_tried_again_and_no_log_names_it(
    notifier: AppriseNotifier, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.status = 500
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as failed:
        notifier.send(Recipient("Ann"), LETTER, "a")
    assert TOKEN not in caplog.text + str(failed.value) + repr(notifier)


@pytest.mark.parametrize("url", ["", "gopher://x/s3cr3t", "hunter2"])
def test_a_url_that_apprise_does_not_know_is_refused_and_not_quoted(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Refused, match="Apprise does not know") as refused:
        AppriseNotifier(url)
    assert not url or url not in str(refused.value) + caplog.text


def test_without_the_library_the_refusal_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(Refused, match=r"llmgate-bot\[notify\]"):
        AppriseNotifier("json://127.0.0.1/")
