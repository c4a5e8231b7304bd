"""Provenance and reports beside the tree: a job's artifacts and a generic package, both hostile, both possibly late."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest

from bot.core.ids import ChangeRef
from bot.ports.forge import Hint
from integrations.gitlab import attachments
from tests.integrations.gitlab.conftest import DIFF, LOOK, PATHS, SHOP, Scene


def archive(files: dict[str, bytes], link: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
        if link:
            entry = zipfile.ZipInfo(link)
            entry.external_attr = 0o120777 << 16
            opened.writestr(entry, "/etc/passwd")
    return packed.getvalue()


def opened(scene: Scene) -> ChangeRef:
    scene.push({"a.py": "a\n"})
    return scene.change()


def run(scene: Scene, packed: bytes, job: str = "tests", status: str = "success") -> None:
    scene.gitlab.run_pipeline(SHOP, 1, jobs={job: status, "lint": "success"}, artifacts={job: packed})  # type: ignore[dict-item]


def test_a_finished_jobs_artifacts_are_documents_and_reports_that_say_where_they_came_from(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    run(scene, archive({".llmgate/provenance/a.json": b"{}", "evidence/unit/junit.xml": b"<x/>", "dist/app.js": b"no"}))
    reading = forge.fetch_change(ref, None, Hint(scene.gitlab.head(SHOP, "feature")))
    [document], [report] = reading.head.documents, reading.head.reports
    assert document.path.startswith(".llmgate/provenance/a.json (job ")
    assert report.path.startswith(".llmgate/evidence/unit/junit.xml (job ")
    assert (document.content, report.content) == (b"{}", b"<x/>")
    assert reading.head.attached
    assert reading.reads == 4
    assert reading.head.gaps == ()


def test_what_arrives_after_the_first_look_is_read_at_the_next(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    first = forge.fetch_change(ref, None)
    assert (first.head.reports, first.head.attached) == ((), "")
    run(scene, archive({"evidence/junit.xml": b"<x/>"}))
    second = forge.fetch_change(ref, first.head)
    assert [report.content for report in second.head.reports] == [b"<x/>"]
    scene.asked()
    third = forge.fetch_change(ref, second.head)
    assert (scene.asked(), third.head is second.head) == ([LOOK], True)


def test_a_job_that_still_runs_or_is_called_otherwise_brings_nothing(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    run(scene, archive({"evidence/junit.xml": b"<x/>"}), status="running")
    assert forge.fetch_change(ref, None).head.attached == ""
    run(scene, archive({"evidence/junit.xml": b"<x/>"}), job="tests-old")
    assert forge.fetch_change(ref, None).head.attached == ""


@pytest.mark.parametrize("job", ["tests 1/3", "tests: [py311, linux]", "tests"])
def test_parallel_and_failed_jobs_count_too(scene: Scene, job: str) -> None:
    ref, forge = opened(scene), scene.attaching()
    run(scene, archive({"evidence/junit.xml": b"<x/>"}), job=job, status="failed")
    assert len(forge.fetch_change(ref, None).head.reports) == 1


def test_a_job_without_artifacts_is_no_gap(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    scene.gitlab.run_pipeline(SHOP, 1, jobs={"tests": "success"})
    head = forge.fetch_change(ref, None).head
    assert (head.reports, head.gaps) == ((), ())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("../evidence/junit.xml", b"<x/>"),
        ("/evidence/junit.xml", b"<x/>"),
        ("evidence\\junit.xml", b"<x/>"),
        ("src/evidence/junit.xml", b"<x/>"),
    ],
)
def test_a_file_elsewhere_in_the_archive_is_not_taken(scene: Scene, name: str, content: bytes) -> None:
    ref, forge = opened(scene), scene.attaching()
    run(scene, archive({name: content}))
    assert forge.fetch_change(ref, None).head.reports == ()


def test_a_step_out_of_the_folder_and_a_link_are_gaps(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    run(scene, archive({"evidence/../../x.xml": b"<x/>"}, link="provenance/a.json"))
    head = forge.fetch_change(ref, None).head
    assert (head.reports, head.documents) == ((), ())
    assert [gap.what for gap in head.gaps] == ["evidence", "provenance"]
    assert all("is no regular file" in gap.saw for gap in head.gaps)


def test_an_archive_that_unpacks_to_too_much_is_a_gap_and_not_unpacked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "UNPACKED_LIMIT", 1000)
    ref, forge = opened(scene), scene.attaching()
    run(scene, archive({"evidence/a.xml": b"a" * 900, "evidence/b.xml": b"b" * 200, "evidence/c.xml": b"c" * 50}))
    head = forge.fetch_change(ref, None).head
    assert [len(report.content) for report in head.reports] == [900, 50]
    assert [gap.wanted for gap in head.gaps] == ["5 MB a file, 64 MB in all"]


def test_an_archive_that_is_too_large_is_not_read_to_its_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "ARCHIVE_LIMIT", 50)
    ref, forge = opened(scene), scene.attaching()
    run(scene, archive({"evidence/a.xml": b"a" * 900}))
    [gap] = forge.fetch_change(ref, None).head.gaps
    assert (gap.what, gap.wanted) == ("evidence", "smaller ones: let the job keep what is under .llmgate/ alone")


@pytest.mark.parametrize("packed", [b"PK\x03\x04 no archive", b"", archive({"evidence/a.xml": b"<x/>"})[:-30]])
def test_what_is_no_archive_is_a_gap(scene: Scene, packed: bytes) -> None:
    ref, forge = opened(scene), scene.attaching()
    run(scene, packed or b"\0")
    [gap] = forge.fetch_change(ref, None).head.gaps
    assert (gap.what, gap.wanted) == ("evidence", "a plain zip archive")


def test_too_many_files_in_an_archive_are_a_gap(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "ENTRIES_LIMIT", 2)
    ref, forge = opened(scene), scene.attaching()
    run(scene, archive({f"evidence/{n}.xml": b"<x/>" for n in range(3)}))
    assert [gap.saw.partition(" in ")[0] for gap in forge.fetch_change(ref, None).head.gaps] == ["3 files"]


def test_a_package_of_the_heads_version_is_read_file_by_file(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    head = scene.gitlab.head(SHOP, "feature")
    scene.gitlab.package(SHOP, "llmgate", "1" * 40, {"evidence/other.xml": b"<other/>"})
    files = {"provenance/a.json": b"{}", "evidence-junit.xml": b"<x/>", "notes.txt": b"no"}
    scene.gitlab.package(SHOP, "llmgate", head, files)
    reading = forge.fetch_change(ref, None, Hint(head))
    assert [(d.path, d.content) for d in reading.head.documents] == [(".llmgate/provenance/a.json (package llmgate)", b"{}")]
    assert [(r.path, r.content) for r in reading.head.reports] == [(".llmgate/evidence/junit.xml (package llmgate)", b"<x/>")]


def test_a_file_added_to_a_package_later_is_read_at_the_next_look(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    package = scene.gitlab.package(SHOP, "llmgate", scene.gitlab.head(SHOP, "feature"), {"evidence/a.xml": b"<a/>"})
    first = forge.fetch_change(ref, None)
    package.add("evidence/b.xml", b"<b/>")
    second = forge.fetch_change(ref, first.head)
    assert [report.content for report in second.head.reports] == [b"<a/>", b"<b/>"]
    assert forge.fetch_change(ref, second.head).reads == 2, "one call more says whether its files changed"


def test_a_head_that_was_not_guessed_has_its_package_asked_for(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    scene.gitlab.package(SHOP, "llmgate", scene.gitlab.head(SHOP, "feature"), {"evidence/a.xml": b"<a/>"})
    assert len(forge.fetch_change(ref, None).head.reports) == 1


def test_an_attached_document_may_name_a_file_by_sha256_alone(scene: Scene) -> None:
    content = "one = 1\ntwo = 4\n"
    scene.push({"src/old.py": content})
    ref, forge = scene.change(), scene.attaching()
    digest = hashlib.sha256(content.encode()).hexdigest()
    document = json.dumps({"files_generated": [{"path": "src/old.py", "hash": f"sha256:{digest}"}]}).encode()
    run(scene, archive({"provenance/a.json": document}))
    assert [file.sha256 for file in forge.fetch_change(ref, None).head.files] == [digest]


def test_nothing_is_asked_where_the_settings_name_nothing(scene: Scene) -> None:
    ref = opened(scene)
    run(scene, archive({"evidence/junit.xml": b"<x/>"}))
    scene.gitlab.package(SHOP, "llmgate", scene.gitlab.head(SHOP, "feature"), {"evidence/a.xml": b"<a/>"})
    scene.asked()
    assert scene.forge.fetch_change(ref, None).head.reports == ()
    assert scene.asked() == [DIFF, LOOK, PATHS]
