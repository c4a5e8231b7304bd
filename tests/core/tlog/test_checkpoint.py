"""Checkpoints: the text a log signs."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.tlog.checkpoint import BadCheckpoint, Checkpoint, parse_checkpoint, render_checkpoint
from bot.core.tlog.note import parse_note
from bot.core.tlog.tree import EMPTY_ROOT

# c2sp.org/tlog-checkpoint
SPECIFIED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_the_specification_s_example_is_read_and_written() -> None:
    text = parse_note(SPECIFIED).text
    checkpoint = parse_checkpoint(text)
    assert checkpoint == Checkpoint("example.com/behind-the-sofa", 20_852_163, base64.b64decode(ROOT))
    assert render_checkpoint(checkpoint) == text


def test_an_empty_tree_has_size_0() -> None:
    assert render_checkpoint(Checkpoint("log", 0, EMPTY_ROOT)).split("\n")[1] == "0"


def test_an_origin_may_hold_spaces_and_extensions_anything_printable() -> None:
    checkpoint = Checkpoint("go.sum database tree", 7, EMPTY_ROOT, ("more: ü +", " "))
    assert parse_checkpoint(render_checkpoint(checkpoint)) == checkpoint


BAD = {
    "nothing": "",
    "two lines": "log\n7\n",
    "no last newline": f"log\n7\n{ROOT}",
    "no origin": f"\n7\n{ROOT}\n",
    "an empty extension": f"log\n7\n{ROOT}\n\n",
    "an empty extension before one": f"log\n7\n{ROOT}\n\nmore\n",
    "a leading zero": f"log\n07\n{ROOT}\n",
    "two zeroes": f"log\n00\n{ROOT}\n",
    "a sign": f"log\n+7\n{ROOT}\n",
    "a negative size": f"log\n-7\n{ROOT}\n",
    "an underscore": f"log\n1_000\n{ROOT}\n",
    "a space": f"log\n 7\n{ROOT}\n",
    "digits of another script": f"log\n\u0667\n{ROOT}\n",
    "a superscript": f"log\n\u00b2\n{ROOT}\n",
    "hexadecimal": f"log\n0x7\n{ROOT}\n",
    "a fraction": f"log\n7.0\n{ROOT}\n",
    "2^63": f"log\n{2**63}\n{ROOT}\n",
    "twenty digits": f"log\n{10**19}\n{ROOT}\n",
    "a million digits": f"log\n{'9' * 1_000_000}\n{ROOT}\n",
    "a short root": f"log\n7\n{base64.b64encode(b'x' * 31).decode()}\n",
    "a long root": f"log\n7\n{base64.b64encode(b'x' * 33).decode()}\n",
    "a root without padding": f"log\n7\n{ROOT[:-1]}\n",
    "a root with stray bits": f"log\n7\n{ROOT[:-2]}J=\n",
    "a root of another alphabet": f"log\n7\n{ROOT.replace('/', '_')}\n",
    "a root with a space": f"log\n7\n{ROOT} \n",
    "CR": f"log\r\n7\r\n{ROOT}\r\n",
    "CR in the origin": f"log\r\n7\n{ROOT}\n",
    "NUL in the origin": f"lo\x00g\n7\n{ROOT}\n",
    "NUL in an extension": f"log\n7\n{ROOT}\nmo\x00re\n",
    "a lone surrogate": f"log\ud800\n7\n{ROOT}\n",
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_checkpoint_is_refused_with_what_was_seen(kind: str) -> None:
    with pytest.raises(BadCheckpoint, match=r"^saw .+; wanted .+") as caught:
        parse_checkpoint(BAD[kind])
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 7, EMPTY_ROOT),
        Checkpoint("lo\ng", 7, EMPTY_ROOT),
        Checkpoint("log", -1, EMPTY_ROOT),
        Checkpoint("log", 2**63, EMPTY_ROOT),
        Checkpoint("log", 7, b"short"),
        Checkpoint("log", 7, EMPTY_ROOT, ("",)),
        Checkpoint("log", 7, EMPTY_ROOT, ("two\nlines",)),
    ],
)
def test_no_checkpoint_is_written_that_would_be_read_otherwise(checkpoint: Checkpoint) -> None:
    with pytest.raises(BadCheckpoint):
        render_checkpoint(checkpoint)


LINE = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1)


@given(LINE, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(LINE, max_size=3))
def test_a_checkpoint_is_read_back(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))
    assert parse_checkpoint(render_checkpoint(checkpoint)) == checkpoint
