"""Fixtures for every test."""

from tests import hypothesis_profile as hypothesis_profile
