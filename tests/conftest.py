"""Hypothesis draws the same few examples in `make test`, and many new ones in `make proof`; the demo for tests in a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import browsers
from tests.paths import PROJECT

settings.register_profile("test", max_examples=25, derandomize=True, deadline=None)
settings.register_profile("proof", max_examples=200, deadline=None)


_OF_CI = ("GITHUB_", "GITLAB_CI", "TF_BUILD", "JENKINS_URL", "BUILDKITE", "TEAMCITY_VERSION", "STATUSGEN_")
"""What a CI says of itself is about its own repository, and none of the sites that are built here is that. CI itself stays."""


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith(_OF_CI)]:
        del os.environ[name]
    settings.load_profile("proof" if config.option.markexpr == "proof" else "test")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, built."""
    return browsers.built(tmp_path_factory.mktemp("demo"), PROJECT)


@pytest.fixture(scope="module")
def url(demo: Path) -> Iterator[str]:
    """The address of the demo."""
    with browsers.served(demo) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser. For one module: others may want an event loop of their own."""
    with browsers.chromium() as browser:
        yield browser
