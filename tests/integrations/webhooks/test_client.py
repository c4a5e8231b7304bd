"""What an endpoint of the organisation's own is sent, and what its answers mean."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from bot.ports.errors import RateLimited, Refused, Unavailable
from integrations.gitlab.signatures import Secrets, verify
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.serve import Served
from integrations.webhooks.client import BadSecret, Endpoint, HttpHooks, read_secret
from tests.integrations.webhooks.listener import Listener

SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
BODY = b'{"type":"llmgate.escalation"}'


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def hooks(listener: Listener, clock: FakeClock) -> Iterator[HttpHooks]:
    served = Served(listener)
    hooks = HttpHooks({"pager": Endpoint(f"http://127.0.0.1:{served.port}/llmgate", read_secret(SECRET))}, clock)
    yield hooks
    hooks.close()
    served.close()


def test_what_is_sent_verifies_by_the_rules_of_standard_webhooks(
    hooks: HttpHooks, listener: Listener, clock: FakeClock
) -> None:
    """GitLab signs the same way, and its verification here is held to GitLab's own examples."""
    hooks.call("pager", BODY, "acme/shop#1|hook:pager:1|1")
    ((headers, body),) = listener.told
    secrets = Secrets(signing_token=SECRET)
    assert body == BODY
    assert verify(secrets, headers, body, clock.now()) is None
    assert verify(secrets, headers, body + b" ", clock.now()) is not None
    assert verify(Secrets(signing_token=f"whsec_{base64.b64encode(b'x' * 32).decode()}"), headers, body, clock.now())


def test_the_same_telling_has_the_same_id_however_often_it_is_tried(hooks: HttpHooks, listener: Listener) -> None:
    for key in ("a", "a", "b"):
        hooks.call("pager", BODY, key)
    first, again, other = (headers["webhook-id"] for headers, _ in listener.told)
    assert first == again != other


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, Refused),
        (401, Refused),
        (404, Refused),
        (408, Unavailable),
        (429, RateLimited),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_an_answer_that_is_not_2xx_is_told_by_its_number_alone(
    hooks: HttpHooks, listener: Listener, status: int, kind: type[Exception]
) -> None:
    listener.status, listener.headers = status, [(b"retry-after", b"7"), (b"location", b"http://127.0.0.1:1/elsewhere")]
    with pytest.raises(kind) as refused:
        hooks.call("pager", BODY, "a")
    assert f"answered {status}" in str(refused.value)
    assert "nothing for you" not in str(refused.value)
    assert len(listener.told) == 1, "no redirect is followed"
    if isinstance(refused.value, Unavailable):
        assert refused.value.retry_after_s == 7


def test_an_endpoint_that_does_not_answer_is_tried_again(clock: FakeClock) -> None:
    served = Served(Listener())
    served.close()
    hooks = HttpHooks({"pager": Endpoint(f"http://127.0.0.1:{served.port}/", b"k" * 32)}, clock)
    with pytest.raises(Unavailable, match=r"no answer from webhooks\.pager"):
        hooks.call("pager", BODY, "a")
    hooks.close()


def test_a_name_that_no_setting_has_is_refused_with_those_that_are_set(hooks: HttpHooks) -> None:
    with pytest.raises(Refused, match=r"webhooks\.siren; wanted one of those that are set \(pager\)"):
        hooks.call("siren", BODY, "a")


@pytest.mark.parametrize("text", ["", "hunter2", "whsec_not base64!", "whsec_" + base64.b64encode(b"short").decode()])
def test_a_weak_or_unreadable_secret_is_refused_and_never_quoted(text: str) -> None:
    with pytest.raises(BadSecret) as refused:
        read_secret(text)
    assert not text or text not in str(refused.value)


def test_no_secret_shows() -> None:
    assert "kkkk" not in repr(Endpoint("https://pager.example/", b"k" * 32))
