"""Hypothesis draws the same few examples in `make test`, and many new ones in `make proof`."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("test", max_examples=25, derandomize=True, deadline=None)
settings.register_profile("proof", max_examples=200, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("proof" if config.option.markexpr == "proof" else "test")
