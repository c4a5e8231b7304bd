"""The text of a proof, `c2sp.org/tlog-proof@v1`."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.tlog.proof import BadProof, InclusionProof, parse_proof, render_proof

# c2sp.org/tlog-proof; its signatures are shortened there, as `[...]`
SPECIFIED = """\
c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog hI2DJw[...]1roloI=
"""
HASHES = tuple(hashlib.sha256(text).digest() for text in (b"hash1", b"hash2"))
LINES = "\n".join(base64.b64encode(value).decode() for value in HASHES)
HEAD = "c2sp.org/tlog-proof@v1\n"


def test_the_specification_s_example_is_read_and_written() -> None:
    proof = parse_proof(SPECIFIED)
    assert (proof.index, len(proof.hashes)) == (73_894, 5)
    assert proof.extra.startswith(b"age-v1.2.1-darwin-arm64.tar.gz")
    assert proof.checkpoint.startswith("example.com/fancylog\n109482\n")
    assert render_proof(proof) == SPECIFIED


# transparency-dev/merkle, proof/tlog_proof_test.go
@pytest.mark.parametrize(
    ("proof", "text"),
    [
        (InclusionProof(5, HASHES, "test checkpoint\n"), f"{HEAD}index 5\n{LINES}\n\ntest checkpoint\n"),
        (InclusionProof(0, (), "checkpoint\n"), f"{HEAD}index 0\n\ncheckpoint\n"),
        (
            InclusionProof(10, HASHES, "checkpoint data\n", b"extra information"),
            f"{HEAD}extra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 10\n{LINES}\n\ncheckpoint data\n",
        ),
    ],
)
def test_published_proofs_are_read_and_written(proof: InclusionProof, text: str) -> None:
    assert render_proof(proof) == text
    assert parse_proof(text) == proof


BAD = {
    "nothing": "",
    "another header": "wrong-header\nindex 0\n\ncheckpoint\n",
    "a later version": "c2sp.org/tlog-proof@v2\nindex 0\n\ncheckpoint\n",
    "a space after the header": f"{HEAD[:-1]} \nindex 0\n\ncheckpoint\n",
    "a line before it": f"\n{HEAD}index 0\n\ncheckpoint\n",
    "the header alone": HEAD,
    "no index": f"{HEAD}\ncheckpoint\n",
    "only extra": f"{HEAD}extra YQ==\n\ncheckpoint\n",
    "extra that is no base64": f"{HEAD}extra !!notbase64!!\nindex 0\n\ncheckpoint\n",
    "extra without padding": f"{HEAD}extra YQ\nindex 0\n\ncheckpoint\n",
    "extra with stray bits": f"{HEAD}extra YR==\nindex 0\n\ncheckpoint\n",
    "extra of nothing": f"{HEAD}extra \nindex 0\n\ncheckpoint\n",
    "extra twice": f"{HEAD}extra YQ==\nextra YQ==\nindex 0\n\ncheckpoint\n",
    "extra after the index": f"{HEAD}index 0\nextra YQ==\n\ncheckpoint\n",
    "an index that is no number": f"{HEAD}index notanumber\n\ncheckpoint\n",
    "a negative index": f"{HEAD}index -5\n\ncheckpoint\n",
    "a leading zero": f"{HEAD}index 05\n\ncheckpoint\n",
    "two zeroes": f"{HEAD}index 00\n\ncheckpoint\n",
    "a space more": f"{HEAD}index  5\n\ncheckpoint\n",
    "a space behind": f"{HEAD}index 5 \n\ncheckpoint\n",
    "no space": f"{HEAD}index5\n\ncheckpoint\n",
    "digits of another script": f"{HEAD}index \u0665\n\ncheckpoint\n",
    "2^63": f"{HEAD}index {2**63}\n\ncheckpoint\n",
    "a million digits": f"{HEAD}index {'9' * 1_000_000}\n\ncheckpoint\n",
    "a hash that is no base64": f"{HEAD}index 0\n!!notbase64!!\n\ncheckpoint\n",
    "a hash too long": f"{HEAD}index 0\n{base64.b64encode(bytes(64)).decode()}\n\ncheckpoint\n",
    "a hash too short": f"{HEAD}index 0\n{base64.b64encode(bytes(31)).decode()}\n\ncheckpoint\n",
    "a hash with stray bits": f"{HEAD}index 0\n{'A' * 42}B=\n\ncheckpoint\n",
    "64 hashes": f"{HEAD}index 0\n" + f"{'A' * 43}=\n" * 64 + "\ncheckpoint\n",
    "CR": f"{HEAD}index 0\n\ncheckpoint\n".replace("\n", "\r\n"),
    "CR behind the index": f"{HEAD}index 0\r\n\ncheckpoint\n",
    "NUL": f"{HEAD}index 0\x00\n\ncheckpoint\n",
    "no empty line": f"{HEAD}index 0\ncheckpoint\n",
    "no checkpoint": f"{HEAD}index 0\n\n",
    "two million characters": f"{HEAD}index 0\n\n{'x' * 2_000_000}\n",
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_proof_is_refused_with_what_was_seen(kind: str) -> None:
    with pytest.raises(BadProof, match=r"^saw .+; wanted .+") as caught:
        parse_proof(BAD[kind])
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_as_many_hashes_are_read_as_the_largest_tree_has_levels() -> None:
    assert len(parse_proof(f"{HEAD}index 0\n" + f"{'A' * 43}=\n" * 63 + "\ncheckpoint\n").hashes) == 63


@pytest.mark.parametrize(
    "proof",
    [
        InclusionProof(-1, (), "checkpoint\n"),
        InclusionProof(2**63, (), "checkpoint\n"),
        InclusionProof(0, (b"short",), "checkpoint\n"),
        InclusionProof(0, (), ""),
    ],
)
def test_no_proof_is_written_that_would_be_read_otherwise(proof: InclusionProof) -> None:
    with pytest.raises(BadProof):
        render_proof(proof)


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.text(min_size=1),
    st.binary(),
)
def test_a_proof_is_read_back(index: int, hashes: list[bytes], checkpoint: str, extra: bytes) -> None:
    proof = InclusionProof(index, tuple(hashes), checkpoint, extra)
    assert parse_proof(render_proof(proof)) == proof
