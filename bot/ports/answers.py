"""What adapters of web services share in reading answers: into models, page by page, many at a time.

Models are tolerant: unknown fields are passed over. An answer that is not as the service documents it is `Unavailable`, and
says where it is not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from bot.ports.errors import Unavailable

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
ObjectId = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
RefName = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00-\x20\x7f]+$")]


class Tolerant(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Node(Tolerant):
    """A part of a GraphQL answer, which spells names in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class PushedCommit(Tolerant):
    """Paths that a commit of a push event touched."""

    added: list[str] = []
    removed: list[str] = []
    modified: list[str] = []


@dataclass(frozen=True, slots=True)
class Pages(Generic[T]):
    """The items of a list and how many calls they took."""

    items: list[T]
    calls: int


@dataclass(frozen=True, slots=True)
class Answers:
    """Those of one service, which errors name."""

    service: str

    def read(self, model: type[M], content: bytes, call: str) -> M:
        """The whole answer to a call."""
        try:
            return model.model_validate_json(content)
        except ValidationError as error:
            raise self._odd(error, call) from None

    def items(self, items: Callable[[object], Sequence[T]], content: bytes, call: str) -> Sequence[T]:
        """One page of a list, its items read by `items`."""
        try:
            return items(json.loads(content))
        except ValidationError as error:
            raise self._odd(error, call) from None
        except ValueError as error:
            raise self.unreadable(error, call) from None

    def gathered(self, items: Callable[[object], Sequence[T]], pages: Sequence[bytes], call: str) -> Pages[T]:
        """Every page of a list."""
        return Pages([item for content in pages for item in self.items(items, content, call)], len(pages))

    def about(self, model: type[M], data: object, subject: str) -> M:
        """The part of an answer that is about something."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            saw = f"{self.service}'s answer about {subject} is not as documented, at {_place(error)}"
            raise Unavailable(f"{saw}; it is tried again") from None

    def unreadable(self, error: Exception, call: str) -> Unavailable:
        return Unavailable(f"{self.service}'s answer to {call} could not be read ({type(error).__name__}); it is tried again")

    def _odd(self, error: ValidationError, call: str) -> Unavailable:
        wrong = f"at {_place(error) or 'its root'}, {error.errors(include_input=False, include_url=False)[0]['msg']}"
        return Unavailable(f"{self.service}'s answer to {call} is not as documented: {wrong}; it is tried again")


def settle(waiting: Iterable[Future[T]]) -> list[T]:
    """Answers of calls under way, in order. Waits for all of them before the first failure is raised."""
    futures = list(waiting)
    failures = [failure for failure in (future.exception() for future in futures) if failure]
    if failures:
        raise failures[0]
    return [future.result() for future in futures]


def listed(model: type[M]) -> Callable[[object], list[M]]:
    """Reads a page that is a JSON array of this model."""
    return TypeAdapter(list[model]).validate_python  # type: ignore[valid-type]  # the model is only known at run time


def _place(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
