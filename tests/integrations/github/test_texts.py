"""What is made without asking anybody: texts within limits, attributes, digests that documents ask about."""

from __future__ import annotations

import base64
import json

import pytest

from bot.core.actions import CheckState, SetCheck
from bot.core.attributes import marks
from bot.core.enclosures import named_by_sha256
from bot.core.ids import RepoRef
from integrations.github.files import FileItem, FileList, changed_file, shown_contents
from integrations.github.surfaces import TEXT_LIMIT, cut, marked, run_body, status_body

REPO = RepoRef("github", "github.com", "acme/shop")


def check(state: CheckState = "waiting", **more: str) -> SetCheck:
    texts = {"title": "Two approvals missing", "summary": "**s**", "details": "d", **more}
    return SetCheck(REPO, "a" * 40, state, texts["title"], texts["summary"], texts["details"], texts.get("details_url", ""))


@pytest.mark.parametrize(
    ("state", "status", "conclusion", "fallback"),
    [
        ("waiting", "in_progress", None, "pending"),
        ("blocked", "completed", "failure", "failure"),
        ("allowed", "completed", "success", "success"),
        ("neutral", "completed", "neutral", "success"),
    ],
)
def test_each_state_has_its_words_on_both_carriers(
    state: CheckState, status: str, conclusion: str | None, fallback: str
) -> None:
    body = run_body(check(state), "llmgate", "k1")
    assert (body["status"], body.get("conclusion")) == (status, conclusion)
    assert body["external_id"] == "k1"
    assert status_body(check(state), "llmgate")["state"] == fallback


def test_long_texts_are_cut_by_githubs_measure_and_say_so() -> None:
    wide = cut("🛒" * 60_000, TEXT_LIMIT)
    assert len(wide.encode("utf-16-le")) // 2 <= TEXT_LIMIT
    assert "cut here" in wide
    assert cut("x" * TEXT_LIMIT, TEXT_LIMIT) == "x" * TEXT_LIMIT
    assert status_body(check(title="x" * 200), "llmgate")["description"] == "x" * 139 + "…"
    body = marked("x" * 70_000, "<!-- m -->")
    assert body.endswith("<!-- m -->")
    assert len(body) <= TEXT_LIMIT


ATTRIBUTES = """
# comment
*.gen.py llmgate-generated
src/agents/** llmgate-generated=true
src/agents/hand/*.py -llmgate-generated
/top.txt text llmgate-generated
vendor/*.js llmgate-generated=false
*.lock linguist-generated
weird[0-9].py llmgate-generated
bad[.py llmgate-generated
docs/ llmgate-generated
"""


@pytest.mark.parametrize(
    ("path", "marked_there"),
    [
        ("a.gen.py", True),
        ("deep/er/a.gen.py", True),
        ("a.gen.pyc", False),
        ("src/agents/x/y.py", True),
        ("src/agents/hand/y.py", False),
        ("src/agents/hand/deeper/y.py", True),
        ("other/src/agents/y.py", False),
        ("top.txt", True),
        ("sub/top.txt", False),
        ("vendor/a.js", False),
        ("poetry.lock", False),
        ("weird7.py", True),
        ("weirdx.py", False),
        ("a\nb.gen.py", True),
    ],
)
def test_attributes_mark_paths_as_git_matches_them(path: str, marked_there: bool) -> None:
    assert marks(ATTRIBUTES)(path) is marked_there


def test_documents_ask_for_a_digest_only_where_no_object_id_is_named() -> None:
    files = [
        {"path": "a.py", "hash": "sha256:" + "1" * 64},
        {"path": "b.py", "hashes": ["sha256:" + "2" * 64, "gitblob:" + "3" * 40]},
        {"path": "c.py", "hashes": ["sha256:" + "4" * 64]},
        {"path": "d.py"},
        {"path": 5, "hash": "sha256:1"},
    ]
    document = json.dumps({"files_generated": files}).encode()
    assert list(named_by_sha256(document)) == ["a.py", "c.py"]
    bundle = json.dumps({"dsseEnvelope": {"payload": base64.b64encode(document).decode()}}).encode()
    assert list(named_by_sha256(bundle)) == ["a.py", "c.py"]
    for hostile in (b"", b"{", b"[" * 100_000, b'{"dsseEnvelope": {"payload": "%%"}}', b'{"a":' * 200 + b"1" + b"}" * 200):
        assert list(named_by_sha256(hostile)) == []


BLOB_HI = "45b983be36b73c0788dc9cbcb76cbb80fc7bb057"


def test_an_added_files_digest_comes_from_its_patch_and_is_believed_by_its_object_id() -> None:
    honest = FileItem(filename="hi.txt", status="added", additions=1, sha=BLOB_HI, patch="@@ -0,0 +1 @@\n+hi")
    assert shown_contents((honest,))[BLOB_HI] == b"hi\n"
    lying = honest.model_copy(update={"patch": "@@ -0,0 +1 @@\n+ho"})
    assert BLOB_HI not in shown_contents((lying,))
    file = changed_file(honest, shown_contents((honest,)), lambda path: path == "hi.txt")
    assert file.sha256 == "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"
    assert file.opening == "hi"
    assert file.marked


def test_a_removed_file_has_no_blob_and_an_unknown_status_is_a_change() -> None:
    removed = changed_file(
        FileItem(filename="a", status="removed", sha=BLOB_HI, deletions=1, patch="@@ -1 +0,0 @@\n-hi"), {}, bool
    )
    assert removed.blob is None
    assert removed.opening is None
    assert changed_file(FileItem(filename="a", status="unchanged"), {}, bool).status == "changed"


def test_a_list_made_for_another_commit_is_recognised() -> None:
    item = FileItem(filename="a", contents_url="https://api.github.com/repos/acme/shop/contents/a?ref=" + "b" * 40)
    assert FileList((item,), 1).is_of("b" * 40)
    assert not FileList((item,), 1).is_of("c" * 40)
    assert FileList((), 1).is_of("c" * 40)
