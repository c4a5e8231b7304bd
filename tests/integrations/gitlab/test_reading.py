"""A look at a merge request: what it shows, how many calls it takes, and what it says it could not see."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from bot.core.ids import ChangeRef, ForgeAccount
from bot.core.patch import git_blob_id
from bot.ports.errors import RateLimited, Unavailable, Vanished
from bot.ports.forge import Hint
from tests.integrations.gitlab.conftest import DIFF, HOST, LOOK, PATHS, REPO, SHOP, Scene

ANN = ForgeAccount("gitlab", HOST, 2001, "ann", "human")


# what it costs


def test_the_first_look_shows_everything_in_three_calls(scene: Scene) -> None:
    ref = scene.pushed({"src/new.py": "print('hi')\n", "src/old.py": "one = 1\ntwo = 3\n"})
    scene.gitlab.label(SHOP, 1, "llm-generated", by="ann")
    reading = scene.forge.fetch_change(ref, None)
    assert scene.asked() == [DIFF, LOOK, PATHS]
    assert reading.reads == 3
    change = reading.change
    assert (change.ref, change.title, change.state, change.author) == (ref, "A change", "open", ANN)
    assert (change.head_ref, change.base_ref, change.head_repo, change.labels) == ("feature", "main", SHOP, ("llm-generated",))
    assert change.head_sha == reading.head.head_sha == scene.gitlab.head(SHOP, "feature")
    assert reading.policy.text == "version: 1\n"
    assert reading.policy.commit == reading.head.base_sha == change.base_sha == scene.gitlab.head(SHOP, "main")
    assert (reading.owners_path, reading.owners_text) == ("docs/CODEOWNERS", "* @bo\n")
    assert reading.head.gaps == ()


def test_a_look_where_nothing_moved_is_one_call_and_the_same_facts(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.asked()
    again = scene.forge.fetch_change(ref, first.head)
    assert scene.asked() == [LOOK]
    assert (again.reads, again.head is first.head) == (1, True)


def test_a_push_to_the_same_files_is_two_calls_side_by_side(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n", "b.py": "b\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.asked()
    sha = scene.push({"a.py": "other\n"})
    again = scene.forge.fetch_change(ref, first.head, Hint(sha))
    assert scene.asked() == [DIFF, LOOK]
    assert again.reads == 2
    assert again.head.head_sha == sha
    assert {file.path: file.blob for file in again.head.files} == {"a.py": git_blob_id(b"other\n"), "b.py": git_blob_id(b"b\n")}


def test_a_push_to_other_files_asks_for_those_in_one_call_more(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.asked()
    again = scene.forge.fetch_change(ref, first.head, Hint(scene.push({"b.py": "b\n"})))
    assert scene.asked() == [DIFF, LOOK, PATHS]
    assert again.reads == 3


def test_a_head_that_moved_unannounced_is_found_and_read(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.asked()
    sha = scene.push({"a.py": "other\n"})
    again = scene.forge.fetch_change(ref, first.head)
    assert scene.asked() == [DIFF, LOOK, LOOK]
    assert (again.head.head_sha, again.reads) == (sha, 3)


def test_a_base_that_moved_keeps_the_files_and_reads_the_policy_anew_in_one_call(scene: Scene) -> None:
    ref = scene.pushed({"gen/a.py": "a\n", "made/b.py": "b\n"})
    first = scene.forge.fetch_change(ref, None)
    assert [file.marked for file in first.head.files] == [True, False]
    scene.asked()
    sha = scene.push({".llmgate/policy.yaml": "version: 1\n\n", ".gitattributes": "made/** llmgate-generated\n"}, "main")
    again = scene.forge.fetch_change(ref, first.head)
    assert scene.asked() == [LOOK]
    assert (again.head.base_sha, again.change.base_sha, again.policy.text) == (sha, sha, "version: 1\n\n")
    assert [file.marked for file in again.head.files] == [False, True]


def test_another_target_branch_costs_one_call_the_first_time_only(scene: Scene) -> None:
    scene.gitlab.push(SHOP, "stable", {".llmgate/policy.yaml": "version: 1\n# stable\n"}, by="ann", onto="main")
    scene.gitlab.push(SHOP, "feature", {"a.py": "a\n"}, by="ann", onto="stable")
    ref = scene.change(base="stable")
    first = scene.forge.fetch_change(ref, None)
    assert "POST /graphql Base" in scene.asked()
    assert first.policy.text == "version: 1\n# stable\n"
    again = scene.forge.fetch_change(ref, first.head)
    assert (scene.asked(), again.reads) == ([LOOK], 1)
    assert again.policy.text == first.policy.text


def test_a_target_branch_known_from_the_event_costs_nothing(scene: Scene) -> None:
    scene.gitlab.push(SHOP, "stable", {"x": "x"}, by="ann", onto="main")
    scene.gitlab.push(SHOP, "feature", {"a.py": "a\n"}, by="ann", onto="stable")
    reading = scene.forge.fetch_change(scene.change(base="stable"), None, Hint("", "stable"))
    assert (scene.asked(), reading.reads) == ([DIFF, LOOK, PATHS], 3)


def test_a_tag_named_as_the_base_branch_does_not_bring_a_policy(scene: Scene) -> None:
    lax = scene.gitlab.push(SHOP, "lax", {".llmgate/policy.yaml": "version: 1\nmode: observe\n"}, by="ann", onto="main")
    scene.gitlab.world.project(SHOP).git.set_ref("refs/tags/main", lax)
    ref = scene.pushed({"a.py": "a\n"})
    assert scene.forge.fetch_change(ref, None, Hint("", "main")).policy.text == "version: 1\n"
    assert scene.forge.fetch_change(ref, None).policy.text == "version: 1\n"


def test_eighty_paths_are_held_against_the_head_in_each_call(scene: Scene) -> None:
    ref = scene.pushed({f"src/{n:03}.py": f"n = {n}\n" for n in range(200)})
    reading = scene.forge.fetch_change(ref, None)
    assert scene.asked() == [DIFF, LOOK, PATHS, PATHS, PATHS]
    assert (len(reading.head.files), reading.reads) == (200, 5)


# the check, and what the base lacks


def test_the_newest_status_of_the_gates_name_is_its_check(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    head = scene.gitlab.head(SHOP, "feature")
    assert scene.forge.fetch_change(ref, None).check.state is None
    path = f"/projects/{SHOP.replace('/', '%2F')}/statuses/{head}"
    scene.client.send("POST", path, {"state": "pending", "name": "llmgate"})
    waiting = scene.forge.fetch_change(ref, None).check
    assert waiting.state == "waiting"
    scene.client.send("POST", path, {"state": "success", "name": "llmgate", "description": "Not deciding: nothing generated"})
    neutral = scene.forge.fetch_change(ref, None).check
    assert neutral.state == "neutral"
    scene.gitlab.forge_status(SHOP, head, "llmgate", by="bo")
    forged = scene.forge.fetch_change(ref, None).check
    assert (forged.state, forged.id != neutral.id) == ("allowed", True)


def test_a_job_that_is_called_like_the_gate_is_not_its_check(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    scene.gitlab.run_pipeline(SHOP, 1, jobs={"llmgate": "success"})
    assert scene.forge.fetch_change(ref, None).check.state is None


def test_a_policy_that_is_no_text_is_a_gap_until_it_is_mended(scene: Scene) -> None:
    scene.push({".llmgate/policy.yaml": b"\0\1"}, "main")
    ref = scene.pushed({"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    assert first.policy.text is None
    assert [gap.what for gap in first.head.gaps] == ["policy"]
    scene.push({".llmgate/policy.yaml": "version: 1\n"}, "main")
    assert scene.forge.fetch_change(ref, first.head).head.gaps == ()


def test_a_base_without_policy_and_owners_says_so(scene: Scene) -> None:
    scene.push(dict.fromkeys((".llmgate/policy.yaml", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")), "main")
    reading = scene.forge.fetch_change(scene.pushed({"a.py": "a\n"}), None)
    assert (reading.policy.text, reading.owners_text, reading.owners_path, reading.head.gaps) == (None, "", "", ())


def test_the_state_and_the_draft_are_told(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    scene.gitlab.set_draft(SHOP, 1, True, by="ann")
    reading = scene.forge.fetch_change(ref, None)
    assert reading.change.draft
    scene.gitlab.close_change(SHOP, 1, by="ann")
    assert scene.forge.fetch_change(ref, reading.head).change.state == "closed"


# failures


def test_what_is_not_there_has_vanished(scene: Scene) -> None:
    for ref in (ChangeRef(REPO, 77), ChangeRef(replace(REPO, path="acme/none"), 1)):
        with pytest.raises(Vanished, match="knows no merge request"):
            scene.forge.fetch_change(ref, None)


def test_a_limit_is_told_with_the_time_to_wait(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    scene.gitlab.fail_next("graphql:Change", 429, headers={"Retry-After": "9"})
    with pytest.raises(RateLimited) as caught:
        scene.forge.fetch_change(ref, None)
    assert caught.value.retry_after_s == 9


@pytest.mark.parametrize("what", ["graphql:Change", "GET */raw_diffs", "graphql:Paths"])
def test_a_failing_part_fails_the_look(scene: Scene, what: str) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    scene.gitlab.fail_next(what, 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_change(ref, None)


def test_an_older_gitlab_is_read_by_its_list_and_folded_patches_are_gaps(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a = 1\n", "src/old.py": "one = 1\n", "big.py": "x = 1\n" * 60_000})
    scene.gitlab.fail_next("GET */raw_diffs", 404)
    reading = scene.forge.fetch_change(ref, None)
    files = {file.path: file for file in reading.head.files}
    assert (files["a.py"].blob, files["a.py"].sha256) == (git_blob_id(b"a = 1\n"), hashlib.sha256(b"a = 1\n").hexdigest())
    assert (files["src/old.py"].status, files["src/old.py"].deletions) == ("modified", 1)
    assert (files["big.py"].patch, files["big.py"].additions) == (None, 60_000)
    [gap] = reading.head.gaps
    assert (gap.what, gap.saw) == ("patch", "patches that GitLab leaves out: big.py")
