"""Timestamped cosignatures of witnesses, version 1."""

from __future__ import annotations

import base64

import pytest

from bot.core.tlog.cosignature import (
    BadCosignature,
    TimestampedSignature,
    cosigned_message,
    decode_cosignature,
    encode_cosignature,
)

# c2sp.org/tlog-cosignature
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LINE = "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
# transparency-dev/formats, note/note_cosigv1_test.go
DATED = "ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA=="


@pytest.mark.parametrize(("line", "time"), [(LINE, 1_679_315_147), (DATED, 1_727_964_367)])
def test_published_cosignatures_are_read_and_written(line: str, time: int) -> None:
    data = base64.b64decode(line)[4:]
    signed = decode_cosignature(data)
    assert signed.time == time
    assert encode_cosignature(signed) == data


def test_the_message_is_the_specification_s() -> None:
    message = cosigned_message(TEXT, 1_679_315_147).decode().split("\n")
    assert message == ["cosignature/v1", "time 1679315147", *TEXT.split("\n")]
    assert cosigned_message(TEXT, 0).startswith(b"cosignature/v1\ntime 0\n")


@pytest.mark.parametrize("length", [0, 8, 64, 71, 73, 2428])
def test_a_cosignature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadCosignature, match=f"saw {length} bytes; wanted 72"):
        decode_cosignature(b"\x00" * length)


def test_a_time_that_no_clock_tells_is_refused() -> None:
    assert decode_cosignature((2**63 - 1).to_bytes(8, "big") + b"s" * 64).time == 2**63 - 1
    for time in (-1, 2**63):
        with pytest.raises(BadCosignature, match="wanted POSIX seconds"):
            encode_cosignature(TimestampedSignature(time, b"s" * 64))
        with pytest.raises(BadCosignature, match="wanted POSIX seconds"):
            cosigned_message(TEXT, time)
    with pytest.raises(BadCosignature, match="wanted POSIX seconds"):
        decode_cosignature(b"\x80" + b"\x00" * 71)


def test_a_signature_of_another_length_is_not_encoded() -> None:
    with pytest.raises(BadCosignature, match="saw a signature of 63 bytes; wanted 64"):
        encode_cosignature(TimestampedSignature(1, b"s" * 63))
