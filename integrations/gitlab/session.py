"""One HTTP session for all threads, and python-gitlab's backend over it, which judges every answer as it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from gitlab._backends.requests_backend import RequestsBackend, RequestsResponse
from requests.adapters import HTTPAdapter
from requests.utils import parse_header_links

from integrations.gitlab.failures import from_answer

POOL = 32


class NotModified(Exception):
    """304: what was asked for is as it was when the sent ETag was given."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("304")
        self.headers = {name.lower(): value for name, value in headers.items()}


class Judged(RequestsBackend):
    """Raises the port's error for an answer with an error status, which python-gitlab would strip of its headers."""

    def http_request(self, method: str, url: str, *given: Any, **more: Any) -> RequestsResponse:
        answer = super().http_request(method, url, *given, **more, allow_redirects=method == "get")
        if answer.status_code == 304:
            raise NotModified(answer.headers)
        if answer.status_code >= 300:
            path = urlsplit(url).path.partition("/api/v4")[2] or urlsplit(url).path
            with answer.response:
                raise from_answer(answer.response, f"{method.upper()} {path}")
        return answer


class _Session(requests.Session):
    """A session whose token stays at home."""

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """requests takes `Authorization` off a redirect to another host, and knows nothing of GitLab's header."""
        super().rebuild_auth(prepared_request, response)
        if self.should_strip_auth(response.request.url or "", prepared_request.url or ""):
            prepared_request.headers.pop("PRIVATE-TOKEN", None)


class _Patient(HTTPAdapter):
    """Connections with their own two time limits, whatever python-gitlab says."""

    def __init__(self, limits: tuple[float, float], size: int) -> None:
        super().__init__(pool_connections=4, pool_maxsize=size)
        self._limits = limits

    def send(self, request: requests.PreparedRequest, *given: Any, **more: Any) -> requests.Response:
        return super().send(request, *given, **{**more, "timeout": self._limits})


def make_session(url: str, limits: tuple[float, float], parallel: int) -> requests.Session:
    """`limits` are seconds to connect and to wait for a byte. urllib3 sets `TCP_NODELAY` by itself."""
    session = _Session()
    told = session.merge_environment_settings(url, {}, None, None, None)
    session.trust_env = False  # no .netrc, and no look at the environment with each call
    session.proxies, session.verify = told["proxies"], told["verify"]
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Patient(limits, max(POOL, parallel)))
    return session


def onward(headers: Mapping[str, str]) -> dict[str, str]:
    """The query of the next page: only that is taken of a link, so that no answer sends a token elsewhere."""
    links = parse_header_links(headers.get("link", "")) if headers.get("link") else []
    url = next((link["url"] for link in links if link.get("rel") == "next"), "")
    if url:
        return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items() if not name.endswith("[]")}
    page = headers.get("x-next-page", "")
    return {"page": page} if page.isascii() and page.isdigit() else {}
