"""Records that are no decision: their bytes, and what is read back of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
import rfc8785

from bot.core.in_toto import NotAStatement
from bot.core.records import OtherKind, Record, read_record, render_record

AT = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
LINK = Record("link", "person:bob", AT, {"account": "github:github.com:1002", "login": "bob"})
VOID = Record("void", "github:github.com/acme/shop#7", AT, {"because": "a push"}, "a" * 40, "b" * 64)


@pytest.mark.parametrize("record", [LINK, VOID], ids=["link", "void"])
def test_a_record_reads_back_to_what_was_written(record: Record) -> None:
    assert read_record(render_record(record)) == record
    assert render_record(record) == rfc8785.dumps(json.loads(render_record(record)))


@pytest.mark.parametrize("kind", get_args(OtherKind))
def test_each_kind_has_a_predicate_type_of_its_own(kind: OtherKind) -> None:
    statement = render_record(replace(LINK, kind=kind))
    assert json.loads(statement)["predicateType"] == f"urn:llmgate:{kind}:v1"
    assert read_record(statement).kind == kind


def test_a_record_about_a_commit_has_it_as_its_subject() -> None:
    (subject,) = json.loads(render_record(VOID))["subject"]
    assert subject["digest"] == {"gitCommit": "a" * 40, "sha1": "a" * 40}


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda whole: whole.update(predicateType="urn:else:link:v1"), "wanted a record of llmgate"),
        (lambda whole: whole["predicate"].update(details={"n": 1}), "wanted text"),
        (lambda whole: whole["predicate"].update(at="yesterday"), "wanted ISO 8601"),
        (lambda whole: whole["predicate"].pop("about"), "saw no 'about'"),
    ],
)
def test_another_statement_is_no_record(broken: object, says: str) -> None:
    whole = json.loads(render_record(LINK))
    broken(whole)  # type: ignore[operator]  # each is a function of the statement
    with pytest.raises(NotAStatement, match=says):
        read_record(json.dumps(whole).encode())
