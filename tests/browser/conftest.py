"""The demonstration's own world with its page, and a real browser that looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.sandbox import running
from tests.browser.chromium import Chromium, chromium
from tests.browser.desk import Desk


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for each process of the run."""
    program = chromium()
    if program is None:
        pytest.skip(
            "no chromium on this machine: `apt-get install chromium` (or any Chrome on PATH) runs the browser's stories"
        )
    started = Chromium(program, tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture(params=["github", "gitlab"])
def desk(request: pytest.FixtureRequest, browser: Chromium, tmp_path: Path) -> Iterator[Desk]:
    """The page with a generated change on it. At the end, nothing on the page may have failed, nor left the sandbox."""
    with running(tmp_path / "world", 0, request.param) as (playground, url), browser.page() as page:
        playground.open_generated("agent/login")
        page.go(url)
        yield Desk(page, str(playground.ref(1)))
        page.go("about:blank")
        assert page.faults == []
        assert playground.forge.unmodelled == []
        assert playground.slack.unmodelled == []
