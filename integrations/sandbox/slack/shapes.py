"""What a JSON value may look like: small checks that are put together into rules, and report where they fail.

The messages and JSON pointers follow Slack's own, because that is what a developer sees in both places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

Check = Callable[[object, str, "Problems"], None]


@dataclass(slots=True)
class Problems:
    found: list[str] = field(default_factory=list)

    def add(self, what: str, pointer: str) -> None:
        self.found.append(f"{what} [json-pointer:{pointer}]")


def string(at_most: int, at_least: int = 1) -> Check:
    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.add("must be a string", pointer)
        elif len(value) > at_most:
            problems.add(f"must be less than {at_most + 1} characters", pointer)
        elif len(value) < at_least:
            problems.add(f"must be more than {at_least - 1} characters", pointer)

    return check


def written_as(pattern: str, called: str) -> Check:
    """A string of one form, `called` so in the refusal."""

    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            problems.add(f"must be a {called}", pointer)

    return check


def one_of(*allowed: str) -> Check:
    def check(value: object, pointer: str, problems: Problems) -> None:
        if value not in allowed:
            problems.add(f"must be one of: {', '.join(allowed)}", pointer)

    return check


def boolean(value: object, pointer: str, problems: Problems) -> None:
    if not isinstance(value, bool):
        problems.add("must be a boolean", pointer)


def integer(lowest: int, highest: int) -> Check:
    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            problems.add(f"must be an integer between {lowest} and {highest}", pointer)

    return check


def array(of: Check, at_most: int, at_least: int = 1) -> Check:
    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.add("must be an array", pointer)
            return
        if len(value) > at_most:
            problems.add(f"no more than {at_most} items allowed", pointer)
        if len(value) < at_least:
            problems.add(f"no fewer than {at_least} items allowed", pointer)
        for index, item in enumerate(value):
            of(item, f"{pointer}/{index}", problems)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, ignored: Collection[str] = ()) -> Check:
    """An object with exactly these fields: one missing, one too many or one wrong is a problem."""
    fields = {**required, **(optional or {})}

    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add("must be an object", pointer)
            return
        for name in required:
            if name not in value:
                problems.add(f"missing required field: {name}", pointer)
        for name, item in value.items():
            if name in fields:
                fields[name](item, f"{pointer}/{name}", problems)
            elif name not in ignored:
                problems.add(f"invalid additional property: {name}", pointer)

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` chooses its shape."""

    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add("must be an object", pointer)
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            problems.add("missing required field: type", pointer)
        elif kind not in kinds:
            problems.add(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            kinds[kind](value, pointer, problems)

    return check


def each(*checks: Check) -> Check:
    def check(value: object, pointer: str, problems: Problems) -> None:
        for one in checks:
            one(value, pointer, problems)

    return check
