"""Which forges the settings connect, by section of the settings file: `github`, `gitlab.NAME` for each GitLab host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from bot.cli.setup.answers import refuse

FIRST_GITLAB = "gitlab.main"
"""The name of a GitLab host where nobody chose one. It is also the end of the path that webhooks are sent to."""
_NAMED = re.compile(r"^gitlab\.[a-z0-9]([a-z0-9-]*[a-z0-9])?$")


def sections(answer: str) -> tuple[str, ...]:
    """The sections of an answer: github, gitlab, both, or gitlab.NAME. Raises BadAnswer."""
    said = answer.lower()
    known = {"github": ("github",), "gitlab": (FIRST_GITLAB,), "both": ("github", FIRST_GITLAB)}
    if said in known:
        return known[said]
    if _NAMED.match(said):
        return (said,)
    cure = "a name has small letters, digits and -, as in gitlab.work"
    raise refuse(repr(answer[:40]), "github, gitlab, both, or gitlab.NAME", cure)


def connected(keys: Iterable[str]) -> tuple[str, ...]:
    """The sections of forges among settings, GitHub first."""
    found = {key.rpartition(".")[0] for key in keys}
    return tuple(sorted(section for section in found if section == "github" or _NAMED.match(section)))


def setting(key: str) -> str:
    """The key as documents spell it: the name that the admin chose becomes `<name>`."""
    section, _, name = key.rpartition(".")
    return f"gitlab.<name>.{name}" if _NAMED.match(section) else key


def account_lines(known: Mapping[str, str]) -> Iterator[str]:
    """How an account on each connected host is written in the people's mapping, as comments of its example."""
    begun = set[str]()
    for section in connected(known):
        forge = section.partition(".")[0]
        host = known.get(f"{section}.host", f"{forge}.com")
        if forge == "github":
            number, look = 1001, f"{known.get('github.api_url', 'https://api.github.com')}/users/ann"
        else:
            number, look = 2001, f"{known.get(f'{section}.url', f'https://{host}')}/api/v4/users?username=ann"
        if forge not in begun:
            yield f"#     {forge}:\n"
        begun.add(forge)
        yield f'#       # the number is "id" in {look}\n#       - {{host: {host}, id: {number}, login: ann}}\n'
