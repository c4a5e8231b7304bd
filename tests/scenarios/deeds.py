"""What stories of attacks have in common: two people who approve, a head put back, another base, and what people then read."""

from __future__ import annotations

from bot.cli.hands import Hands, whole
from bot.cli.layout import CHANNEL
from bot.cli.playground import BRANCH, Playground
from bot.core.approval import Approval
from bot.handlers.approvals import read_stored
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.forges import is_gitlab


def opened(world: Playground, files: dict[str, bytes], message: str, branch: str = BRANCH) -> ChangeSeen:
    """A change of these files, pushed and opened by Ann, judged."""
    world.forge.push(world.repo, branch, files, by="ann", message=message)
    change = world.forge.open_change(world.repo, branch, by="ann", title="Add password login")
    world.settle()
    return change


def approve(world: Playground, number: int) -> None:
    """Bob as code owner and Sue as Security."""
    assert Hands(world, "bob").approve(number).taken
    assert Hands(world, "sue").approve(number).taken


def approved(world: Playground) -> ChangeSeen:
    """A generated change that two people turned green."""
    change = world.open_generated()
    world.settle()
    approve(world, change.number)
    assert world.blockers(change.number) is None
    return change


def decisions(world: Playground, number: int) -> tuple[Approval, ...]:
    """Every decision on record whose signature holds."""
    with world.gate.kit.store.look() as unit:
        stored = unit.approvals(world.ref(number))
    read = read_stored(world.gate.kit, stored, world.ref(number))
    return tuple(one for one in read if isinstance(one, Approval))


def assert_shut(world: Playground, number: int, state: str = "blocked") -> None:
    """The check says so, and the forge merges nothing."""
    assert world.verdict_on(world.seen(number).head_sha) == state
    assert world.blockers(number) is not None


def summary(world: Playground, number: int) -> str:
    """All that the check says of the head, without the escapes of Markdown."""
    return world.check_on(world.seen(number).head_sha).text.replace("\\", "").replace("&amp;", "&")


def thread(world: Playground, number: int) -> list[str]:
    """What was said under the change's card."""
    return [whole(message) for message in world.slack.thread(CHANNEL, world.card(number).ts)]


def notified(world: Playground) -> set[str]:
    """Names of everybody whom a message in the channel or its threads calls."""
    called = {user for message in world.slack.workspace.messages for user in message.notified}
    return {name for name, user in world.members.items() if user in called}


def put_back(world: Playground, sha: str, by: str, branch: str = BRANCH) -> None:
    """A forced push, or a new branch, at a commit that is there already: it makes no new one."""
    ref = f"refs/heads/{branch}"
    if is_gitlab(world):
        project = world.gitlab.world.project(world.repo)
        was = project.git.refs.get(ref)
        project.git.set_ref(ref, sha)
        world.gitlab.verbs.pushes.moved(project, {ref: was}, world.gitlab.world.user(by))
        return
    repo = world.github.world.repo(world.repo)
    was = repo.git.refs.get(ref)
    repo.git.set_ref(ref, sha)
    world.github.verbs.pushes.moved(repo, {ref: was}, world.github.world.account(by))


def retarget(world: Playground, number: int, base: str, by: str = "ann") -> None:
    """The same head is to go into another branch."""
    if is_gitlab(world):
        world.gitlab.edit(world.repo, number, by=by, base=base)
        return
    world.github.edit(world.repo, number, by=by, base=base)


def robot(world: Playground, login: str) -> str:
    """An account that no person is behind and that may write to the repository; its login on this forge."""
    if is_gitlab(world):
        world.gitlab.user(login, kind="project_bot")
        world.gitlab.grant(world.repo, login, Access.DEVELOPER)
        return login
    world.github.user(f"{login}[bot]", bot=True)
    world.github.grant(world.repo, f"{login}[bot]", "write")
    return f"{login}[bot]"
