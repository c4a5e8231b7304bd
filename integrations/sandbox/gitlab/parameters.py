"""Parameters of requests against what GitLab declares: names, kinds, enumerations, with GitLab's words for what is wrong.

An unknown name is refused. GitLab passes over it in silence; a client that sends one has a misspelt setting that does
nothing, which the sandbox must not hide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integrations.sandbox.gitlab.refusal import Refusal

_TRUE, _FALSE = {"true", "t", "1", "yes", "y", "on"}, {"false", "f", "0", "no", "n", "off"}
PER_PAGE = 20
MAX_PER_PAGE = 100


class Unmodelled(Refusal):
    """What GitLab may know and the sandbox does not; the face writes it down."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """How a value is read. `read` raises ValueError with the rest of GitLab's sentence: `is invalid`."""

    read: Callable[[Any], Any]
    required: bool = False


Declared = Mapping[str, Parameter]


def text(*, required: bool = False, blank: bool = True, longest: int | None = None) -> Parameter:
    def read(value: Any) -> str:
        if isinstance(value, dict | list):
            raise ValueError("is invalid")
        if not blank and not str(value).strip():
            raise ValueError("is empty")
        if longest is not None and len(str(value)) > longest:
            raise ValueError(f"is too long (maximum is {longest} characters)")
        return str(value)

    return Parameter(read, required)


def number(*, required: bool = False, least: int | None = None) -> Parameter:
    def read(value: Any) -> int:
        given = str(value)
        if isinstance(value, bool) or not given.lstrip("-").isdigit():
            raise ValueError("is invalid")
        if least is not None and int(given) < least:
            raise ValueError("does not have a valid value")
        return int(given)

    return Parameter(read, required)


def flag() -> Parameter:
    def read(value: Any) -> bool:
        if str(value).lower() in _TRUE | _FALSE:
            return str(value).lower() in _TRUE
        raise ValueError("is invalid")

    return Parameter(read)


def among(*words: str, required: bool = False) -> Parameter:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError("does not have a valid value")
        return str(value)

    return Parameter(read, required)


def instant() -> Parameter:
    def read(value: Any) -> datetime:
        try:
            found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError as failed:
            raise ValueError("is invalid") from failed
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    return Parameter(read)


def several(each: Parameter, *, commas: bool = False, required: bool = False) -> Parameter:
    """A list, sent as `name[]=` or in JSON; with `commas` one text of them too."""

    def read(value: Any) -> list[Any]:
        if commas and isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        return [each.read(part) for part in (value if isinstance(value, list) else [value])]

    return Parameter(read, required)


PAGING: Declared = {
    "page": number(least=1),
    "per_page": number(least=1),
    "pagination": among("keyset", "legacy", "none"),
    "cursor": text(),
    "id_after": number(),
    "page_token": text(),
}


def checked(given: Mapping[str, Any], declared: Declared) -> dict[str, Any]:
    """The values as `declared` reads them. Raises 400 with all that is wrong in one sentence, as GitLab does."""
    unknown = sorted(name for name in given if name not in declared)
    if unknown:
        raise Unmodelled(400, "", body={"error": f"the sandbox knows no parameter {', '.join(unknown)} of this request"})
    problems, values = [], {}
    for name, parameter in declared.items():
        if given.get(name) is None:
            problems += [f"{name} is missing"] if parameter.required else []
            continue
        try:
            values[name] = parameter.read(given[name])
        except ValueError as failed:
            problems.append(f"{name} {failed}")
    if problems:
        raise Refusal(400, ", ".join(problems), body={"error": ", ".join(problems)})
    return values
