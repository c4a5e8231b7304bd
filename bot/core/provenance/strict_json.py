"""Hostile JSON turned into plain values: bounded in bytes, depth and items, with nothing said twice and every number finite.

A refusal here names a place (line and column) and a kind, and never quotes the text: it may hold a prompt or a secret.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TypeAlias

from bot.core.provenance.model import Refusal

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class Refused(Exception):
    """Bytes were not taken; `refusal` says why, without quoting them."""

    def __init__(self, saw: str, wanted: str, cure: str) -> None:
        super().__init__(saw)
        self.refusal = Refusal(saw=saw, wanted=wanted, cure=cure)


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """How much JSON is read. `items` bounds commas and opening brackets, counted in the bytes before anything is parsed."""

    bytes: int
    depth: int
    items: int


class _SaidTwice(ValueError):
    pass


class _NotFinite(ValueError):
    pass


def read_json(content: bytes, limits: JsonLimits) -> Json:
    """The value in `content`; Refused if it is no JSON within the limits."""
    _check_size(content, limits)
    try:
        value: Json = json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_object, parse_float=_finite, parse_constant=_constant
        )
    except UnicodeDecodeError as error:
        raise _not_json(f"bytes that are not UTF-8 at offset {error.start}") from None
    except json.JSONDecodeError as error:
        raise _not_json(f"a syntax error at line {error.lineno}, column {error.colno}") from None
    except _SaidTwice:
        raise Refused("an object that names one key twice", "every key once", "Write each key once.") from None
    except _NotFinite:
        raise Refused("a number that is not finite", "finite numbers", "Leave NaN, Infinity and overflows out.") from None
    except ValueError:
        raise Refused("an integer of thousands of digits", "integers of ordinary size", "Write a smaller number.") from None
    except RecursionError:
        raise _too_deep(limits) from None
    _check_values(value, limits)
    return value


def _check_size(content: bytes, limits: JsonLimits) -> None:
    if len(content) > limits.bytes:
        raise Refused(f"{len(content):,} bytes", f"at most {limits.bytes:,} bytes", "Split it into several files.")
    items = sum(content.count(mark) for mark in (b",", b"[", b"{"))
    if items > limits.items:
        raise Refused(f"about {items:,} items", f"at most {limits.items:,} items", "Split it into several files.")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _SaidTwice
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _NotFinite
    return number


def _constant(name: str) -> float:
    raise _NotFinite(name)


def _check_values(value: Json, limits: JsonLimits) -> None:
    """Depth, and text that no UTF-8 can hold (half of a surrogate pair, written as an escape)."""
    level: list[Json] = [value]
    depth = 0
    while level:
        depth += 1
        if depth > limits.depth:
            raise _too_deep(limits)
        level = [inner for outer in level for inner in _inside(outer)]


def _inside(value: Json) -> list[Json]:
    if isinstance(value, str):
        _check_text(value)
    if isinstance(value, dict):
        for key in value:
            _check_text(key)
        return list(value.values())
    return value if isinstance(value, list) else []


def _check_text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused("text with half of a surrogate pair", "text that UTF-8 can hold", "Write the text as UTF-8.")


def _not_json(saw: str) -> Refused:
    return Refused(saw, "one JSON value in UTF-8", "Check the file with any JSON tool and write it again.")


def _too_deep(limits: JsonLimits) -> Refused:
    return Refused(f"nesting deeper than {limits.depth}", f"at most {limits.depth} levels", "Write it flatter.")
