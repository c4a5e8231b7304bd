"""Documents that carry a prompt or a secret are refused, and no answer repeats it."""

from __future__ import annotations

import pytest

from bot.core.provenance.leaks import find_secret, is_prompt_key
from bot.core.provenance.model import ProvenanceDocument, Refusal
from bot.core.provenance.read import read_document
from tests.core.provenance.documents import SHA, Json, encoded, least

PROMPT = "Write a checkout total that ignores the discount of Mr Canary"
# Put together here so that no scanner takes this file for a leak.
SECRETS = {
    "an AWS access key id": "AKIA" + "IOSFODNN7EXAMPLE",
    "a GitHub token": "ghp_" + "a1B2" * 9,
    "a GitHub token of the fine-grained kind": "github_pat_" + "11ABCDEFG0" * 4,
    "a GitLab token": "glpat-" + "x1Y2z3" * 4,
    "a Slack token": "xoxb-" + "1234567890-abcdef",
    "a model provider's key": "sk-proj-" + "Ab1Cd2Ef3Gh4Ij5Kl6",
    "a private key": "-----BEGIN EC " + "PRIVATE KEY-----",
    "a JSON Web Token": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".sflKxwRJSMeKKF2QT4",
    "a password inside a URL": "https://bob:" + "hunter22@wiki.acme.example/a",
    "a random value assigned to a secret's name": "api_key" + "=9fQ2xLrT7vBn4KpZ8wYc",
}


def refusal_of(document: Json) -> Refusal:
    answer = read_document(encoded(document), ".llmgate/provenance/a.json")
    assert isinstance(answer, Refusal)
    return answer


@pytest.mark.parametrize(
    "extra",
    [
        {"prompt": PROMPT},
        {"prompt_text": PROMPT},
        {"systemPrompt": PROMPT},
        {"messages": [{"role": "user", "content": PROMPT}]},
        {"completion": PROMPT},
        {"retrievals": [{"doc_id": "d", "hash": SHA, "license": "MIT", "prompt": PROMPT}]},
        {"files_generated": [{"path": "a", "hash": SHA, "instructions": PROMPT}]},
        {"prompt_hash": PROMPT},
        {"prompt_hash": "canary"},
        {"prompt_version": PROMPT},
        {"descriptor": PROMPT * 2},
        {"descriptor": PROMPT + "\n" + PROMPT},
        {PROMPT: 1},
        {"x": {PROMPT: PROMPT}},
        {"files_generated": [PROMPT]},
        {"generation_confidence": PROMPT},
    ],
)
def test_a_prompt_in_clear_is_refused_and_never_shown(extra: dict[str, Json]) -> None:
    refusal = refusal_of(least() | extra)
    for shown in (refusal.saw, refusal.wanted, refusal.cure, repr(refusal), str(refusal)):
        assert "canary" not in shown.lower()
        assert "discount" not in shown


def test_a_prompt_is_refused_as_a_prompt_with_the_place() -> None:
    refusal = refusal_of(least() | {"messages": [{"role": "user", "content": PROMPT}]})
    assert refusal.saw == "a prompt or reply in clear at `messages` (not shown)"
    assert "prompt_hash" in refusal.cure


@pytest.mark.parametrize("digest", ["ab" * 32, "sha256:" + "ab" * 32, "hmac-sha256:" + "ab" * 31, "sha256-salted:" + "ab" * 32,
                                    "sha256-salted:abcd:" + "ab" * 32, "md5:" + "ab" * 16])  # fmt: skip
def test_a_digest_that_can_be_guessed_is_refused(digest: str) -> None:
    refusal = refusal_of(least() | {"prompt_hash": digest})
    assert "hmac-sha256" in refusal.wanted
    assert digest not in repr(refusal)


def test_both_forms_of_a_keyed_digest_are_taken() -> None:
    for digest in ("hmac-sha256:" + "ab" * 32, "sha256-salted:" + "01" * 16 + ":" + "ab" * 32):
        answer = read_document(encoded(least() | {"prompt_hash": digest}), "a.json")
        assert isinstance(answer, ProvenanceDocument)


@pytest.mark.parametrize("where", ["user_id", "descriptor", "origin", "key", "path", "unknown"])
@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_refused_wherever_it_stands_and_never_shown(kind: str, where: str) -> None:
    secret = SECRETS[kind]
    document = least()
    if where == "origin":
        document["retrievals"] = [{"doc_id": "d", "hash": SHA, "license": "MIT", "origin": secret}]
    elif where == "key":
        document[secret] = "x"
    elif where == "path":
        document["files_generated"] = [{"path": f"src/{secret}", "hash": SHA}]
    else:
        document[where] = secret
    refusal = refusal_of(document)
    assert refusal.saw.startswith(kind.split(" of ")[0])
    assert secret not in repr(refusal)
    assert secret[6:] not in repr(refusal)
    assert "Revoke" in refusal.cure


def test_a_secret_in_a_document_that_cannot_be_parsed_is_not_shown() -> None:
    secret = SECRETS["a GitHub token"]
    answer = read_document(b'{"a": "' + secret.encode() + b'" oops', "a.json")
    assert isinstance(answer, Refusal)
    assert secret not in repr(answer)


@pytest.mark.parametrize(
    "text",
    ["src/task-management/sk-learn-wrapper-with-a-long-name.py", "https://wiki.acme.example/token/reset", "sha256:" + "ab" * 32,
     "token: the one that the parser returns", "ghp_short", "AKIA", "authentication/password_reset_controller.rb"],
)  # fmt: skip
def test_ordinary_text_is_no_secret(text: str) -> None:
    assert find_secret(text) is None


@pytest.mark.parametrize("key", ["prompt", "Prompt_Text", "system-prompt", "userPrompt", "messages", "chat_history"])
def test_a_key_that_holds_a_prompt_is_known_in_any_spelling(key: str) -> None:
    assert is_prompt_key(key)


@pytest.mark.parametrize("key", ["prompt_hash", "prompt_version", "descriptor", "model_name"])
def test_the_schemas_own_keys_hold_no_prompt(key: str) -> None:
    assert not is_prompt_key(key)
