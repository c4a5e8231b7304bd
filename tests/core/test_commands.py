"""What people type, read as a command or said to be misunderstood."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.commands import Command, Misunderstood, Places, read_command, read_reference
from bot.core.ids import ChangeRef, RepoRef

SHOP = RepoRef("github", "github.com", "acme/shop")
SEVEN = ChangeRef(SHOP, 7)
BOTH = Places(github=("github.com",), gitlab=("gitlab.com",))
HERE = Places(github=("github.com",), default=SHOP)


@pytest.mark.parametrize(
    "word",
    [
        "acme/shop#7",
        "<acme/shop#7>",
        "https://github.com/acme/shop/pull/7",
        "<https://github.com/acme/shop/pull/7>",
        "<https://github.com/acme/shop/pull/7|acme/shop#7>",
        "https://github.com/acme/shop/pull/7/files",
        "https://github.com/acme/shop/pull/7?diff=split#r1",
    ],
)
def test_every_spelling_of_a_pull_request_is_understood(word: str) -> None:
    assert read_reference(word, BOTH) == SEVEN


@pytest.mark.parametrize("word", ["group/sub/project!12", "https://gitlab.com/group/sub/project/-/merge_requests/12"])
def test_every_spelling_of_a_merge_request_is_understood(word: str) -> None:
    assert read_reference(word, BOTH) == ChangeRef(RepoRef("gitlab", "gitlab.com", "group/sub/project"), 12)


@pytest.mark.parametrize("word", ["7", "#7"])
def test_a_bare_number_means_the_channels_only_repository(word: str) -> None:
    assert read_reference(word, HERE) == SEVEN
    found = read_reference(word, BOTH)
    assert isinstance(found, Misunderstood)
    assert "any repository" in found.because


def test_a_foreign_host_is_refused_by_name() -> None:
    found = read_reference("https://evil.example/acme/shop/pull/7", BOTH)
    assert isinstance(found, Misunderstood)
    assert "evil.example is not connected here" in found.because


def test_a_forge_that_is_not_connected_is_named() -> None:
    found = read_reference("group/project!3", Places(github=("github.com",)))
    assert isinstance(found, Misunderstood)
    assert "no GitLab is connected" in found.because


def test_the_mark_of_the_other_forge_is_answered_with_the_right_one() -> None:
    found = read_reference("group/sub/project#3", Places(gitlab=("gitlab.com",)))
    assert isinstance(found, Misunderstood)
    assert found.because.endswith("no GitHub is connected here: write group/sub/project!3 for one on GitLab")


@pytest.mark.parametrize(
    ("places", "spelled"),
    [
        (Places(github=("github.com",)), "org/repo#7"),
        (Places(gitlab=("gitlab.com",)), "group/project!7"),
        (BOTH, "org/repo#7 or group/project!7"),
        (Places(), "org/repo#7 or group/project!7"),
    ],
)
def test_what_is_asked_for_is_spelled_as_on_the_connected_forges(places: Places, spelled: str) -> None:
    assert read_command("status", places) == Misunderstood(f"“status” needs a change: a URL, or {spelled}")
    assert read_command("status nothing", places) == Misunderstood(f"“nothing” names no change: give a URL, or {spelled}")
    alone = read_reference("7", places)
    assert isinstance(alone, Misunderstood)
    assert alone.because.endswith(f"name it, as in {spelled}")


OURS = RepoRef("gitlab", "gitlab.example:8443", "group/project")
THEIRS = RepoRef("gitlab", "gitlab.com", "group/project")
SEVERAL = Places.among([("gitlab", "gitlab.com"), ("github", "github.com"), ("gitlab", "gitlab.example:8443")])


@pytest.mark.parametrize(
    ("url", "repo"),
    [
        ("https://gitlab.com/group/project/-/merge_requests/7", THEIRS),
        ("https://gitlab.example:8443/group/project/-/merge_requests/7/diffs#note_3", OURS),
        ("https://GitLab.com/group/project/merge_requests/7", THEIRS),
        ("https://github.com/acme/shop/pull/7", SHOP),
    ],
)
def test_a_url_picks_the_host(url: str, repo: RepoRef) -> None:
    assert read_reference(url, SEVERAL) == ChangeRef(repo, 7)


def test_a_short_name_that_two_hosts_could_have_asks_for_the_url() -> None:
    found = read_reference("group/project!7", SEVERAL)
    assert found == Misunderstood("“group/project!7” could be on gitlab.com or gitlab.example:8443: give its URL")
    assert read_reference("group/project!7", replace(SEVERAL, known=frozenset({OURS, THEIRS}))) == found
    assert read_reference("acme/shop#7", SEVERAL) == SEVEN


@pytest.mark.parametrize(
    "places",
    [
        replace(SEVERAL, known=frozenset({OURS, SHOP})),
        replace(SEVERAL, default=OURS),
        replace(SEVERAL, thread=ChangeRef(OURS, 3), known=frozenset({THEIRS})),
    ],
)
def test_a_short_name_means_the_host_where_that_repository_is_known(places: Places) -> None:
    assert read_reference("group/project!7", places) == ChangeRef(OURS, 7)


def test_below_a_relative_root_the_url_leads_to_the_repository_that_is_known() -> None:
    url = "https://gitlab.com/code/gitlab/group/project/-/merge_requests/7"
    assert read_reference(url, replace(SEVERAL, known=frozenset({THEIRS}))) == ChangeRef(THEIRS, 7)
    whole = RepoRef("gitlab", "gitlab.com", "code/gitlab/group/project")
    assert read_reference(url, SEVERAL) == ChangeRef(whole, 7)
    assert read_reference(url, replace(SEVERAL, known=frozenset({THEIRS, whole}))) == ChangeRef(whole, 7)


@pytest.mark.parametrize("word", ["7", "!7"])
def test_a_bare_number_in_a_thread_means_that_threads_repository(word: str) -> None:
    assert read_reference(word, replace(SEVERAL, thread=ChangeRef(OURS, 3))) == ChangeRef(OURS, 7)


def test_status_is_what_a_reference_alone_means() -> None:
    assert read_command("acme/shop#7", BOTH) == Command("status", SEVEN)


@pytest.mark.parametrize("words", ["lgtm", "LGTM!", "approve", "approved", "+1", "ship it"])
def test_words_of_approval_lead_to_the_button_and_never_to_a_decision(words: str) -> None:
    assert read_command(words, Places(github=("github.com",), thread=SEVEN)) == Command("approve", SEVEN)


def test_a_bare_mention_in_a_thread_asks_for_its_status() -> None:
    assert read_command("", Places(github=("github.com",), thread=SEVEN)) == Command("status", SEVEN)
    assert read_command("", BOTH) == Command("help")


def test_a_command_without_its_change_says_what_is_wanted() -> None:
    found = read_command("why", BOTH)
    assert isinstance(found, Misunderstood)
    assert "needs a change" in found.because


@given(st.text(max_size=80))
def test_every_text_is_a_command_or_a_misunderstanding(words: str) -> None:
    assert isinstance(read_command(words, HERE), Command | Misunderstood)


def test_what_follows_passkey_is_kept_as_it_was_said() -> None:
    assert read_command("passkey", HERE) == Command("passkey")
    assert read_command("Passkey remove My  laptop 7", HERE) == Command("passkey", words="remove My laptop 7")


@pytest.mark.parametrize(
    ("words", "verb", "left"),
    [
        ("snooze acme/shop#7 2h", "snooze", "2h"),
        ("delegate acme/shop#7 <@U1>", "delegate", "<@U1>"),
        ("reassign acme/shop#7 <@U1> <@U2>", "reassign", "<@U1> <@U2>"),
        ("snooze acme/shop#7", "snooze", ""),
    ],
)
def test_what_follows_the_change_is_left_to_whoever_answers(words: str, verb: str, left: str) -> None:
    assert read_command(words, BOTH) == Command(verb, SEVEN, left)  # type: ignore[arg-type]  # a verb


@pytest.mark.parametrize(
    "words", ["queue team", "away until friday for <@U1>", "hours 9-17:30 mon-fri Europe/Berlin", "metrics"]
)
def test_what_is_about_a_person_keeps_its_words(words: str) -> None:
    verb, _, left = words.partition(" ")
    assert read_command(words, BOTH) == Command(verb, words=left)  # type: ignore[arg-type]  # a verb


def test_in_a_thread_the_change_need_not_be_named() -> None:
    there = replace(HERE, thread=SEVEN)
    assert read_command("snooze 2h", there) == Command("snooze", SEVEN, "2h")
    assert read_command("delegate <@U1>", there) == Command("delegate", SEVEN, "<@U1>")
    assert read_command("approve this, please", there) == Command("approve", SEVEN)
