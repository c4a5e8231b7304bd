"""Changes beyond a forge's lists and beyond reason: whole or blocked, never silently partial, within every limit, and inert."""

from __future__ import annotations

import re

from bot.cli.hands import Hands, whole
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from bot.cli.specimen import AGENT_TRAILER, Specimen, login_change
from integrations.sandbox.git.machine import git
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.forges import differs, git_of, written
from tests.scenarios.traces import FORGE_LIMIT, in_chat, on_forge

MESSAGE = f"Add much\n\n{AGENT_TRAILER}\n"
BIDI = "\u202e"
EVIL = ("<!channel>", "<!here>", "@everyone", "<@U0SUE>", BIDI, "\x07", "<script>", "](http://evil")


def assert_blocked_in_limits(world: Playground, pull: ChangeSeen, said: str) -> None:
    assert world.verdict_on(pull.head_sha) == "blocked"
    assert world.blockers(pull.number) is not None
    assert said in world.check_on(pull.head_sha).text.replace("\\", "")
    assert max(len(text.encode("utf-16-le")) // 2 for text in written(world, pull.number)) <= FORGE_LIMIT
    backlog = world.gate.kit.store.backlog()
    assert (backlog.jobs, backlog.actions, backlog.dead_jobs, backlog.dead_actions) == (0, 0, 0, 0)


def test_more_files_than_can_be_read_are_blocked_and_said(one_world: Playground) -> None:
    files = {f"shop/part_{number:04}.py": b"x = 1\n" for number in range(3_001)}
    pull = one_world.open_generated("agent/wide", Specimen(files, MESSAGE), "Much")
    one_world.settle()
    said = differs(
        one_world,
        github="3001 changed files, of which GitHub lists 3000",
        gitlab="3001 changed files; wanted at most 3000 files",  # GitLab's diff is whole: the limit is the gate's own
    )
    assert_blocked_in_limits(one_world, pull, said)
    assert "without: " in on_forge(one_world, pull.number)


def test_more_commits_than_the_forge_lists_are_blocked_and_said(one_world: Playground) -> None:
    repo, base = git_of(one_world), one_world.head("main")
    lines = []
    for mark in range(300):
        parent = f"from {base}\n" if not mark else ""
        head = f"commit refs/heads/agent/long\ncommitter A <ann@acme.example> {1_772_500_000 + mark} +0000\n"
        message = f"data {len(MESSAGE.encode())}\n{MESSAGE}{parent}"
        lines.append(f"{head}{message}M 100644 inline n.txt\ndata {len(str(mark))}\n{mark}\n")
    git(repo.path, "fast-import", "--quiet", stdin="".join(lines).encode())
    repo.reload()
    pull = one_world.forge.open_change(one_world.repo, "agent/long", by="ann", title="Many steps")
    one_world.settle()
    said = differs(
        one_world,
        github="300 commits, of which GitHub lists 250",
        gitlab="300 commits and 1 file, read whole",  # GitLab lists them all; what blocks is that nothing is attested
    )
    assert_blocked_in_limits(one_world, pull, said)


def test_long_texts_stay_within_every_limit(one_world: Playground) -> None:
    files = {f"shop/{'very_' * 40}{number}.py": b"x = 1\n" for number in range(250)}
    pull = one_world.open_generated("agent/long-names", Specimen(files, MESSAGE), "ü" * 255)
    one_world.forge.edit(one_world.repo, pull.number, by="ann", body="🤖 " * 20_000)
    one_world.settle()
    assert_blocked_in_limits(one_world, pull, "without: ")
    assert f"{one_world.ref(pull.number)}" in one_world.card(pull.number).text


def test_hostile_names_and_titles_are_inert_everywhere(one_world: Playground) -> None:
    made = login_change(one_world.clock.now())
    names = [
        f"auth/{word.replace('/', '_')}.py" for word in (*EVIL, "new\nline", "tab\t", 'quo"te', "back\\slash", "`tick`", "ünï")
    ]
    files = {**made.files, **dict.fromkeys(names, b"x = 1\n")}
    message = f"<!channel> {BIDI} @everyone\n\n{AGENT_TRAILER}\n"
    title = f"<!channel> <@U0SUE> @everyone {BIDI}evil\x07 [x](http://evil) <script>"
    pull = one_world.open_generated("agent/<!channel>@everyone", Specimen(files, message), title)
    one_world.settle()
    Hands(one_world, "eve").say(f"/llmgate status {one_world.ref(pull.number)}")
    why = Hands(one_world, "eve").say(f"/llmgate why {one_world.ref(pull.number)}")
    assert one_world.verdict_on(pull.head_sha) == "blocked"
    assert one_world.slack.unmodelled == []
    everywhere = on_forge(one_world, pull.number) + in_chat(one_world)
    assert BIDI not in everywhere
    assert "\x07" not in everywhere
    assert "@everyone" not in on_forge(one_world, pull.number)
    outside_code = re.sub(r"`[^`]*`", "", on_forge(one_world, pull.number))
    assert not [word for word in ("<!channel", "<!here", "<script", "](http://evil") if word in outside_code]
    assert not [word for word in ("<!channel", "<!here", "<script") if word in in_chat(one_world)]
    messages = [*one_world.slack.messages(CHANNEL), *one_world.slack.thread(CHANNEL, one_world.card(pull.number).ts)]
    assert {name for message in messages for name in message.notified} <= {one_world.members["bob"], one_world.members["sue"]}
    assert not [word for word in ("<!channel", "<!here", BIDI) if word in why + whole(one_world.card(pull.number))]
