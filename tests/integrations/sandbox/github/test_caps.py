"""GitHub's caps: 3,000 files and 250 commits of a change, and odd names that come through whole."""

from __future__ import annotations

import httpx

from integrations.sandbox.git.machine import git
from integrations.sandbox.github.fake import FakeGitHub
from tests.integrations.sandbox.github.conftest import SHOP


def pages(raw: httpx.Client, path: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    url: str | None = f"{path}?per_page=100"
    while url:
        answer = raw.get(url)
        found += answer.json()
        url = answer.links.get("next", {}).get("url")
    return found


def test_no_more_than_three_thousand_files_are_listed(github: FakeGitHub, raw: httpx.Client) -> None:
    github.push(SHOP, "wide", {f"f{number:04}.txt": f"{number}\n" for number in range(3_001)}, by="ann")
    number = github.open_change(SHOP, "wide", by="ann").number
    assert raw.get(f"/repos/{SHOP}/pulls/{number}").json()["changed_files"] == 3_001
    assert len(pages(raw, f"/repos/{SHOP}/pulls/{number}/files")) == 3_000


def test_no_more_than_250_commits_are_listed(github: FakeGitHub, raw: httpx.Client) -> None:
    repo = github.world.repo(SHOP)
    base = github.head(SHOP, "main")
    lines = []
    for mark in range(300):
        parent = f"from {base}\n" if not mark else ""
        head = f"commit refs/heads/long\ncommitter A <ann@acme.example> {1_772_500_000 + mark} +0000\ndata 1\nx\n{parent}"
        lines.append(f"{head}M 100644 inline n.txt\ndata {len(str(mark))}\n{mark}\n")
    git(repo.git.path, "fast-import", "--quiet", stdin="".join(lines).encode())
    repo.git.reload()
    number = github.open_change(SHOP, "long", by="ann").number
    assert raw.get(f"/repos/{SHOP}/pulls/{number}").json()["commits"] == 300
    assert len(pages(raw, f"/repos/{SHOP}/pulls/{number}/commits")) == 250
    found = raw.get(f"/repos/{SHOP}/compare/main...long", params={"per_page": 100, "page": 3})
    assert (len(found.json()["commits"]), found.json()["total_commits"]) == (100, 300)


def test_odd_names_and_titles_come_through_whole(github: FakeGitHub, raw: httpx.Client) -> None:
    names = ['quo"te.py', "back\\slash.py", "new\nline.py", "tab\t.py", "ünï/cödé.py", "right\u202eleft.py"]
    github.push(SHOP, "odd", dict.fromkeys(names, "x = 1\n"), by="ann")
    title = "<!channel> \x07 \u202e **bold**"
    number = github.open_change(SHOP, "odd", by="ann", title=title).number
    files = raw.get(f"/repos/{SHOP}/pulls/{number}/files").json()
    assert sorted(each["filename"] for each in files) == sorted(names)
    assert {each["patch"] for each in files} == {"@@ -0,0 +1 @@\n+x = 1"}
    assert raw.get(f"/repos/{SHOP}/pulls/{number}").json()["title"] == title


def test_a_rename_says_where_from(github: FakeGitHub, raw: httpx.Client) -> None:
    text = "".join(f"line {number}\n" for number in range(30))
    github.push(SHOP, "main", {"old.txt": text}, by="ann")
    github.push(SHOP, "move", {"old.txt": None, "new.txt": text + "more\n"}, by="ann")
    number = github.open_change(SHOP, "move", by="ann").number
    file = raw.get(f"/repos/{SHOP}/pulls/{number}/files").json()[0]
    assert (file["status"], file["previous_filename"], file["additions"]) == ("renamed", "old.txt", 1)


def test_the_same_story_makes_the_same_commits(github: FakeGitHub) -> None:
    """Dates and identities come from the story, so ids can be written down in tests."""
    github.repository("acme/one")
    github.repository("acme/two", files={"README.md": "# acme/one\n"})
    assert github.head("acme/one", "main") == github.head("acme/two", "main")
