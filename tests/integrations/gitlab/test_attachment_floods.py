"""Attachments made to fill the gate's memory, or to lead it elsewhere: each ends in a gap, and at little cost."""

from __future__ import annotations

import pytest

from integrations.gitlab import attachments
from tests.integrations.gitlab.conftest import SHOP, Scene
from tests.integrations.gitlab.test_attachments import archive, opened


def test_a_matrix_of_jobs_is_read_up_to_a_limit(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "JOBS_LIMIT", 2)
    ref, forge = opened(scene), scene.attaching()
    names = [f"tests {n}/3" for n in (1, 2, 3)]
    packed = archive({"evidence/junit.xml": b"<x/>"})
    scene.gitlab.run_pipeline(SHOP, 1, jobs=dict.fromkeys(names, "success"), artifacts=dict.fromkeys(names, packed))
    head = forge.fetch_change(ref, None).head
    assert len(head.reports) == 2
    assert [gap.saw for gap in head.gaps] == ["3 jobs that leave evidence"]


def test_several_archives_share_one_room(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "UNPACKED_LIMIT", 1000)
    ref, forge = opened(scene), scene.attaching()
    names = [f"tests {n}/2" for n in (1, 2)]
    packed = archive({"evidence/junit.xml": b"a" * 600})
    scene.gitlab.run_pipeline(SHOP, 1, jobs=dict.fromkeys(names, "success"), artifacts=dict.fromkeys(names, packed))
    head = forge.fetch_change(ref, None).head
    assert (len(head.reports), len(head.gaps)) == (1, 1)


def test_a_package_of_many_files_is_listed_up_to_a_limit(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    flood = {f"notes{n}.txt": b"" for n in range(1000)}
    scene.gitlab.package(SHOP, "llmgate", scene.gitlab.head(SHOP, "feature"), flood)
    scene.asked()
    head = forge.fetch_change(ref, None).head
    assert sum("package_files" in call for call in scene.asked()) == 5
    assert [gap.saw for gap in head.gaps] == ["more than 400 files in the package llmgate"]


def test_a_packages_files_are_read_while_there_is_room(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "UNPACKED_LIMIT", 1000)
    ref, forge = opened(scene), scene.attaching()
    files = {f"evidence/{n}.xml": b"a" * 400 for n in range(4)}
    scene.gitlab.package(SHOP, "llmgate", scene.gitlab.head(SHOP, "feature"), files)
    head = forge.fetch_change(ref, None).head
    assert (len(head.reports), len(head.gaps)) == (2, 1)


def test_a_packages_file_name_leads_to_no_other_part_of_the_api(scene: Scene) -> None:
    ref, forge = opened(scene), scene.attaching()
    files = {"evidence/../../../../../hooks": b"[]", "provenance%2F..%2Fx.json": b"{}"}
    scene.gitlab.package(SHOP, "llmgate", scene.gitlab.head(SHOP, "feature"), files)
    scene.asked()
    head = forge.fetch_change(ref, None).head
    assert not [call for call in scene.asked() if "hooks" in call or "generic" in call]
    assert [gap.what for gap in head.gaps] == ["evidence", "provenance"]
