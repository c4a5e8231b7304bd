"""Lists in pages: by number with totals, by keyset with nothing but a link, and what is not there to page through."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from gitlab.exceptions import GitlabHttpError

from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.paging import MAX_COUNTED, by_number
from tests.integrations.sandbox.gitlab.conftest import SHOP
from tests.integrations.sandbox.gitlab.reach import client

LABELS = "/projects/acme%2Fweb%2Fshop/labels"


@pytest.fixture
def labels(gitlab: FakeGitLab) -> list[str]:
    names = [f"label-{number:02d}" for number in range(45)]
    for name in names:
        gitlab.verbs.changes.define_label(gitlab.world.project(SHOP), name)
    return names


def test_the_client_follows_all_pages(gitlab: FakeGitLab, labels: list[str]) -> None:
    listed = client(gitlab).projects.get(SHOP).labels.list(per_page=10, iterator=True)
    assert [label.name for label in listed] == labels
    pages = [call for call in gitlab.calls if call.route.endswith("/labels")]
    assert len(pages) == 5


def test_headers_tell_where_one_is(raw: httpx.Client, labels: list[str]) -> None:
    told = raw.get(LABELS, params={"page": 2}).headers
    names = ("X-Page", "X-Per-Page", "X-Prev-Page", "X-Next-Page", "X-Total", "X-Total-Pages")
    assert [told[name] for name in names] == ["2", "20", "1", "3", "45", "3"]
    assert [part.split("rel=")[1] for part in told["Link"].split(", ")] == ['"prev"', '"next"', '"first"', '"last"']


def test_the_last_page_names_no_next(raw: httpx.Client, labels: list[str]) -> None:
    answer = raw.get(LABELS, params={"page": 3})
    assert (answer.headers["X-Next-Page"], len(answer.json())) == ("", 5)
    assert 'rel="next"' not in answer.headers["Link"]


def test_a_page_holds_no_more_than_a_hundred(raw: httpx.Client, labels: list[str]) -> None:
    assert raw.get(LABELS, params={"per_page": 1_000}).headers["X-Per-Page"] == "100"
    refused = raw.get(LABELS, params={"per_page": 0})
    assert (refused.status_code, refused.json()) == (400, {"error": "per_page does not have a valid value"})


def test_of_very_long_lists_no_total_is_told() -> None:
    page = by_number(range(MAX_COUNTED + 1), {"page": 1})
    assert "X-Total" not in page.headers
    assert "last" not in page.around
    assert by_number(range(MAX_COUNTED), {"page": 1}).headers["X-Total"] == str(MAX_COUNTED)


def test_projects_are_paged_by_keyset(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    for number in range(5):
        gitlab.project(f"acme/p{number}", files={"a": "1"})
    asked: dict[str, Any] = {"pagination": "keyset", "order_by": "id", "sort": "asc", "per_page": 2, "membership": True}
    listed = client(gitlab).projects.list(iterator=True, **asked)
    assert [each.path for each in listed] == ["shop", "p0", "p1", "p2", "p3", "p4"]
    told = raw.get("/projects", params=asked).headers
    assert "X-Total" not in told
    assert "id_after=" in told["Link"]
    assert 'rel="next"' in told["Link"]


def test_keyset_is_refused_where_gitlab_has_none(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    for path, order in ((LABELS, {}), ("/projects", {"order_by": "name"})):
        refused = raw.get(path, params={"pagination": "keyset", **order})
        assert refused.status_code == 405
        assert refused.json()["error"].startswith("Keyset pagination is not yet available")


def test_a_tree_is_paged_by_its_entries(gitlab: FakeGitLab) -> None:
    gitlab.push(SHOP, "main", {f"docs/{number}.md": str(number) for number in range(7)}, by="mia")
    project = client(gitlab).projects.get(SHOP)
    listed = project.repository_tree("docs", "main", iterator=True, pagination="keyset", per_page=3)
    assert [each["name"] for each in listed] == [f"{number}.md" for number in range(7)]


def test_an_unchanged_list_is_not_sent_again(raw: httpx.Client, labels: list[str]) -> None:
    first = raw.get(LABELS)
    again = raw.get(LABELS, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    raw.post(LABELS, json={"name": "a-new-one", "color": "#fff"})
    assert raw.get(LABELS, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_parameter_nobody_knows_is_refused_and_recorded(gitlab: FakeGitLab) -> None:
    with pytest.raises(GitlabHttpError, match="knows no parameter colour"):
        client(gitlab).http_get(LABELS, query_data={"colour": "red"})
    assert len(gitlab.unmodelled) == 1
