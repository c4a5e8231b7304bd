"""One GraphQL answer read into its model, where a hole in it could hide something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.ports.errors import Unavailable
from integrations.gitlab.client import GraphProblem

M = TypeVar("M", bound=BaseModel)


def answered(model: type[M], data: object, about: str) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise Unavailable(f"GitLab's answer about {about} is not as documented, at {where}; it is tried again") from None


def whole(problems: Sequence[GraphProblem], about: str) -> None:
    """Raise for an answer with a hole in it."""
    for problem in problems:
        where = ".".join(problem.path) or "its root"
        raise Unavailable(f"GitLab's answer about {about} has a hole at {where}: {problem.message}; it is tried again")
