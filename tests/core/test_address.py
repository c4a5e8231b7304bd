"""Addresses: what may be written to, and how little of one is shown."""

from __future__ import annotations

import pytest

from bot.core.address import is_address, masked


@pytest.mark.parametrize("address", ["ann@acme.example", "a.b+c@mail.acme.example", "o'neil@acme.example", "ann@localhost"])
def test_an_address_can_be_written_to(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address", ["", "ann", "a@b@c", ".a@b.example", "a b@c.example", "a@b.example\n", "<a@b.example>", "ä@b.example"]
)
def test_what_could_end_a_header_or_names_nobody_is_none(address: str) -> None:
    assert not is_address(address)


def test_a_masked_address_tells_only_its_owner() -> None:
    assert masked("ann@acme.example") == "a…@acme.example"
    assert masked("") == ""
