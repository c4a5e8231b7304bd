"""A history read as changes agrees with what git itself says of each of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.ports.errors import Refused
from integrations.git.blobs import reading
from integrations.git.history import LoggedChange, read_history, touched_paths
from integrations.git.repository import open_repository
from integrations.git.since import boundary
from tests.integrations.git.making import Made, make


def changes(made: Made, since: str = "") -> list[LoggedChange]:
    repository = open_repository(made.root)
    return list(read_history(repository, boundary(repository, since)))


def subjects(found: list[LoggedChange]) -> list[str]:
    return [change.tip.commit.message.strip() for change in found]


def tangle(made: Made, commits: int, seed: int) -> None:
    """Branches that are merged early, late, twice, into each other, and three at a time."""
    pick = random.Random(seed)
    out: list[str] = []
    known: list[int] = []
    main = 0
    for mark in range(1, commits + 1):
        on_main = mark == 1 or pick.random() < 0.5
        others = pick.sample(known, min(len(known), pick.choice([0, 0, 0, 1, 1, 2])))
        parents = list(dict.fromkeys([main if on_main and main else pick.choice(known or [0]), *others]))
        out.append(f"commit refs/heads/{'main' if on_main else 'side'}\nmark :{mark}\n")
        out.append(f"committer Ann <ann@example.com> {1_700_000_000 + pick.randrange(10_000)} +0000\ndata 1\nx\n")
        if mark > 1:
            out += [f"{'merge' if number else 'from'} :{parent}\n" for number, parent in enumerate(parents)]
        out.append(f"M 100644 inline f{pick.randrange(9)}\ndata 5\n{pick.randrange(10_000):05}\n")
        known.append(mark)
        main = mark if on_main else main
    made.git("fast-import", "--quiet", "--force", stdin="".join(out).encode())


def ancestors(parents: dict[str, list[str]], start: list[str]) -> set[str]:
    """Whatever can be reached. Not asked of git, whose ranges err where clocks did."""
    found: set[str] = set()
    while start:
        sha = start.pop()
        if sha not in found:
            found.add(sha)
            start = start + parents[sha]
    return found


@pytest.mark.parametrize("seed", range(8))
def test_each_merge_brings_exactly_what_its_first_parent_did_not_reach(tmp_path: Path, seed: int) -> None:
    made = make(tmp_path / "r")
    tangle(made, 120, seed)
    parents = {line.split()[0]: line.split()[1:] for line in made.line("rev-list", "--parents", "HEAD").splitlines()}
    found = changes(made)
    assert [change.tip.commit.sha for change in found] == made.line("rev-list", "--first-parent", "HEAD").split()
    for change in found:
        sha = change.tip.commit.sha
        beyond = ancestors(parents, parents[sha][:]) - ancestors(parents, parents[sha][:1])
        assert {one.commit.sha for one in change.brought} == beyond
    assert sum(1 + len(change.brought) for change in found) == len(parents)


@pytest.mark.parametrize("seed", range(2))
def test_each_difference_is_the_one_to_the_first_parent(tmp_path: Path, seed: int) -> None:
    made = make(tmp_path / "r")
    tangle(made, 60, seed)
    for change in changes(made):
        if change.tip.commit.parents:
            said = made.line("diff", "--numstat", "--no-renames", f"{change.tip.commit.sha}^1", change.tip.commit.sha)
            ours = [f"{file.additions}\t{file.deletions}\t{file.path}" for file in change.files()]
            assert sorted(ours) == sorted(said.splitlines())


def test_files_carry_status_lines_blob_and_former_name(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.write("old name.py", "".join(f"line {number}\n" for number in range(30)))
    made.write("gone.py")
    made.write("same.py", "a\nb\n")
    first = made.commit("One")
    made.git("mv", "old name.py", "new\tname\n.py")
    made.git("rm", "-q", "gone.py")
    made.write("same.py", "a\nc\nd\n")
    made.write("raw.bin", b"\0\1\2")
    made.commit("Two")
    second, root = changes(made)
    files = {file.path: file for file in second.files()}
    assert {path: (file.status, file.additions, file.deletions) for path, file in files.items()} == {
        "new\tname\n.py": ("renamed", 0, 0),
        "gone.py": ("removed", 0, 1),
        "same.py": ("modified", 2, 1),
        "raw.bin": ("added", 0, 0),
    }
    assert files["new\tname\n.py"].previous_path == "old name.py"
    assert files["same.py"].blob == made.line("rev-parse", "HEAD:same.py")
    assert files["gone.py"].blob is None
    assert second.renames
    assert root.tip.commit.sha == first
    assert {file.status for file in root.files()} == {"added"}


def test_names_and_messages_that_are_no_utf8_are_read_with_their_bytes_escaped(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py")
    tree = made.line("rev-parse", "HEAD^{tree}").encode()
    raw = (
        b"tree "
        + tree
        + b"\nauthor Ren\xe9 <r\xff@example.com> 99999999999999999999 +9999\ncommitter C <c@d> 0 +0000\n\n\xfe\xff boom\n"
    )
    sha = made.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=raw).decode().strip()
    made.git("update-ref", "refs/heads/main", sha)
    (change,) = changes(made)
    assert change.tip.commit.author.name == "Ren\\xe9"
    assert change.tip.commit.message.strip() == "\\xfe\\xff boom"
    assert change.tip.commit.authored_at.tzinfo is not None


def test_a_message_in_another_encoding_is_read_as_it_was_meant(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.git("config", "i18n.commitEncoding", "ISO-8859-1")
    made.git("config", "i18n.logOutputEncoding", "UTF-16")
    made.commit("Caf\xe9".encode("latin-1"), "a.py")
    assert subjects(changes(made)) == ["Café"]


def test_a_mail_map_does_not_hide_who_wrote_a_commit(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.write(".mailmap", "Ann Example <ann@example.com> <noreply@anthropic.com>\n")
    made.git("config", "log.mailmap", "true")
    made.commit("One", "a.py", author="Claude <noreply@anthropic.com>")
    (change,) = changes(made)
    assert change.tip.commit.author.email == "noreply@anthropic.com"


def test_replaced_objects_and_grafts_do_not_change_the_history(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    marked = made.commit("One\n\nCo-authored-by: Claude <noreply@anthropic.com>", "a.py")
    made.commit("Two", "a.py")
    clean = made.line("commit-tree", f"{marked}^{{tree}}", "-m", "Clean")
    made.git("replace", marked, clean)
    made.write(".git/info/grafts", made.line("rev-parse", "HEAD") + "\n")
    assert [subject.partition("\n")[0] for subject in subjects(changes(made))] == ["Two", "One"]


def test_settings_of_the_repository_do_not_hide_what_changed(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py", "sub/b.py")
    (made.root / "order").write_text("z*\n")
    settings = (
        "log.showRoot=false diff.relative=true diff.orderFile=order color.ui=always log.diffMerges=off diff.renames=false"
    )
    for setting in settings.split():
        made.git("config", *setting.split("="))
    (change,) = changes(made)
    assert [file.path for file in change.files()] == ["a.py", "sub/b.py"]


def test_a_commit_at_the_edge_of_a_shallow_clone_is_marked_and_shows_no_files(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    for number in range(3):
        made.commit(f"Commit {number}", "a.py")
    made.git("clone", "-q", "--depth=2", made.root.as_uri(), str(tmp_path / "shallow"))
    newest, edge = changes(Made(tmp_path / "shallow"))
    assert (newest.cut, len(newest.files())) == (False, 1)
    assert (edge.cut, edge.files()) == (True, ())


@pytest.mark.parametrize("since", ["v1", "main~1", "2026-02-15", "2026-02-15T00:00:00Z"])
def test_since_takes_a_revision_or_a_date(tmp_path: Path, since: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(tmp_path / "r")
    base = made.commit("Old", "a.py")
    made.git("tag", "v1")
    tree = made.line("rev-parse", "HEAD^{tree}")
    new = made.git("-c", "user.name=A", "commit-tree", tree, "-p", base, "-m", "New").decode().strip()
    dated = made.git("cat-file", "commit", base).replace(b"1772359200", b"1767225600")  # 2026-01-01
    old = made.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=dated).decode().strip()
    new = made.line("commit-tree", tree, "-p", old, "-m", "New")
    made.git("update-ref", "refs/heads/main", new)
    made.git("tag", "-f", "v1", old)
    assert subjects(changes(made, since)) == ["New"]


def test_since_a_side_branch_means_since_it_branched_off(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py")
    made.git("checkout", "-q", "-b", "side")
    made.commit("Side", "s.py")
    made.git("checkout", "-q", "main")
    made.commit("Two", "a.py")
    made.git("checkout", "-q", "side")
    made.merge("main", "Merge branch 'main' into side")  # the release branch took main in, which is not its first parent
    made.git("checkout", "-q", "main")
    made.commit("Three", "a.py")
    assert subjects(changes(made, "side")) == ["Three"]
    assert subjects(changes(made, "side~1")) == ["Three", "Two"]


def test_since_a_stranger_is_refused(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py")
    made.git("checkout", "-q", "--orphan", "other")
    made.commit("Other")
    made.git("checkout", "-q", "main")
    with pytest.raises(Refused, match="shares no history with HEAD"):
        changes(made, "other")


@pytest.mark.parametrize("since", ["v9.9", "relaese", "--all", "deadbeef", "12345", "3 moonths ago", "HEAD:a.py"])
def test_since_that_is_neither_is_refused_and_never_read_as_now(tmp_path: Path, since: str) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py")
    with pytest.raises(Refused, match=r"no revision of .* and no date"):
        changes(made, since)


@pytest.mark.parametrize("since", ["3 months ago", "yesterday", "2.weeks.ago", "last monday", "@1700000000", "1 jan 2020"])
def test_since_takes_dates_in_words(tmp_path: Path, since: str) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py")
    assert len(boundary(open_repository(made.root), since)) in (0, 40)


def test_paths_of_many_commits_are_told_at_once(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    one = made.commit("One", "a.py", "line\nbreak.py")
    two = made.commit("Two", "b.py")
    empty = made.commit("Three")
    told = touched_paths(open_repository(made.root), [one, two, empty])
    assert {sha: set(paths) for sha, paths in told.items() if paths} == {one: {"a.py", "line\nbreak.py"}, two: {"b.py"}}


def test_whoever_stops_early_leaves_no_process_behind(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    tangle(made, 300, 1)
    history = read_history(open_repository(made.root))
    next(history)
    history.close()
    assert list(history) == []


def test_blobs_are_read_by_name_and_too_large_or_missing_ones_are_none(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.write("a b.txt", "hello")
    made.write("large", "x" * 100_000)
    made.commit("One")
    with reading(open_repository(made.root).git) as blobs:
        assert blobs.read("HEAD:a b.txt") == b"hello"
        assert blobs.read("HEAD:nothing here 7") is None
        assert blobs.read("HEAD:large", largest=10) is None
        assert blobs.read("HEAD:") is None
        assert blobs.read("HEAD\nHEAD") is None
        assert blobs.read("HEAD:a b.txt") == b"hello"


def test_a_damaged_repository_is_refused_with_a_cure(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py")
    made.commit("Two", "a.py")
    blob = made.line("rev-parse", "HEAD:a.py")
    (made.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(Refused, match=r"wanted every object readable; run `git fsck` there"):
        changes(made)
