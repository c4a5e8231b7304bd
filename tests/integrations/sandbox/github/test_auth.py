"""Who GitHub lets in: JWTs, installation tokens, permissions, invisible repositories."""

from __future__ import annotations

import time
from datetime import datetime

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from githubkit import AppInstallationAuthStrategy, GitHub

from integrations.sandbox.github.fake import FakeGitHub
from tests.integrations.sandbox.github.conftest import SHOP


def signed(github: FakeGitHub, key: str = "", **claims: object) -> str:
    now = int(time.time())
    return jwt.encode(
        {"iss": str(github.app.id), "iat": now - 30, "exp": now + 300, **claims}, key or github.app.private_key, "RS256"
    )


def ask(github: FakeGitHub, token: str, path: str = "/app", method: str = "GET") -> httpx.Response:
    return httpx.request(method, github.api_url + path, headers={"Authorization": f"Bearer {token}"}, trust_env=False)


def test_githubkit_signs_in_as_the_installation(github: FakeGitHub, client: GitHub[AppInstallationAuthStrategy]) -> None:
    names = [repo["full_name"] for repo in client.request("GET", "/installation/repositories").json()["repositories"]]
    assert names == [SHOP]
    assert [call.path for call in github.calls] == [
        f"/app/installations/{github.app.installation_id}/access_tokens",
        "/installation/repositories",
    ]


def test_the_app_is_shown_to_its_own_jwt(github: FakeGitHub) -> None:
    assert ask(github, signed(github)).json()["slug"] == "llmgate"


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"iat": time.time() + 600}, "'Issued at' claim ('iat') must be an Integer"),
        ({"iat": int(time.time()) + 600}, "'Issued at' claim ('iat') must be an Integer"),
        ({"exp": int(time.time()) - 1}, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"exp": int(time.time()) + 3600}, "'Expiration time' claim ('exp') is too far in the future"),
    ],
)
def test_a_jwt_with_the_wrong_times_is_refused(github: FakeGitHub, claims: dict[str, object], message: str) -> None:
    answer = ask(github, signed(github, "", **claims))
    assert (answer.status_code, answer.json()["message"][: len(message)]) == (401, message)


def test_a_jwt_signed_by_another_key_is_refused(github: FakeGitHub) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    assert ask(github, signed(github, pem)).json()["message"] == "A JSON web token could not be decoded"


def test_a_jwt_of_an_unknown_app_is_refused(github: FakeGitHub) -> None:
    assert ask(github, signed(github, iss="1")).json()["message"] == "Integration not found"


def test_a_minted_token_says_when_it_expires_in_whole_seconds(github: FakeGitHub) -> None:
    path = f"/app/installations/{github.app.installation_id}/access_tokens"
    answer = ask(github, signed(github), path, "POST")
    assert answer.status_code == 201
    assert datetime.strptime(answer.json()["expires_at"], "%Y-%m-%dT%H:%M:%S%z").microsecond == 0


def test_an_expired_token_is_refused(github: FakeGitHub, raw: httpx.Client) -> None:
    assert raw.get(f"/repos/{SHOP}").status_code == 200
    github.world.auth_skew_s = 3601
    assert (raw.get(f"/repos/{SHOP}").status_code, raw.get(f"/repos/{SHOP}").json()["message"]) == (401, "Bad credentials")


def test_revoked_tokens_are_refused(github: FakeGitHub, raw: httpx.Client) -> None:
    github.verbs.tokens.revoke_all()
    assert raw.get(f"/repos/{SHOP}").json()["message"] == "Bad credentials"


def test_a_call_without_a_token_is_refused(github: FakeGitHub) -> None:
    assert httpx.get(f"{github.api_url}/repos/{SHOP}", trust_env=False).status_code == 401


def test_a_missing_permission_is_named(github: FakeGitHub, change: int) -> None:
    github.app.permissions.pop("issues")
    github.app.permissions["pull_requests"] = "read"
    token = github.verbs.tokens.mint({})["token"]
    headers = {"Authorization": f"token {token}"}
    path = f"{github.api_url}/repos/{SHOP}/issues/{change}/comments"
    answer = httpx.post(path, json={"body": "hello"}, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    assert answer.headers["x-accepted-github-permissions"] == "issues=write; pull_requests=write"


def test_a_repository_without_the_app_is_invisible(github: FakeGitHub, raw: httpx.Client) -> None:
    github.repository("acme/secret", installed=False)
    assert (raw.get("/repos/acme/secret").status_code, raw.get("/repos/acme/nothing").status_code) == (404, 404)


def test_a_token_narrowed_to_one_repository_sees_no_other(github: FakeGitHub) -> None:
    github.repository("acme/other")
    token = github.verbs.tokens.mint({"repositories": ["shop"]})["token"]
    assert ask(github, token, f"/repos/{SHOP}").status_code == 200
    assert ask(github, token, "/repos/acme/other").status_code == 404


def test_a_token_cannot_be_widened(github: FakeGitHub) -> None:
    path = f"{github.api_url}/app/installations/{github.app.installation_id}/access_tokens"
    headers = {"Authorization": f"Bearer {signed(github)}"}
    answer = httpx.post(path, json={"permissions": {"contents": "write"}}, headers=headers, trust_env=False)
    assert answer.status_code == 422
    assert answer.json()["message"] == "The permissions requested are not granted to this installation."


def test_an_unmodelled_request_is_recorded_and_answered_404(github: FakeGitHub, raw: httpx.Client) -> None:
    assert raw.get(f"/repos/{SHOP}/stargazers").status_code == 404
    assert github.unmodelled == [f"GET /repos/{SHOP}/stargazers"]


def test_the_apps_own_jwt_reads_no_repository(github: FakeGitHub) -> None:
    answer = ask(github, signed(github), f"/repos/{SHOP}")
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")


def test_an_installation_token_is_no_jwt(raw: httpx.Client) -> None:
    assert raw.get("/app").status_code == 401
