"""A built site behind a web server on this machine, and a real Chromium to read it with."""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.servers import listening

DEMO_NOW = "2026-11-24T10:20:00+01:00"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder under a path, as a base URL has one: a link that leads out of the site finds nothing."""

    under = "/"

    def translate_path(self, path: str) -> str:
        inside = path.removeprefix(self.under)
        return super().translate_path("/" + inside if inside != path else "/nowhere")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def built(folder: Path, root: Path, now: str = DEMO_NOW) -> Path:
    """The output of one build of the site at `root`, made in `folder` as it is at `now`."""
    command = [sys.executable, "-m", "statusgen", "-C", str(root), "--now", now, "--state-dir", str(folder / "state")]
    subprocess.run([*command, "build", "-o", str(folder / "output")], check=True, capture_output=True)
    return folder / "output"


@contextmanager
def served(folder: Path, under: str = "/") -> Iterator[str]:
    """The address of a static web server over a folder, which it serves under a path."""
    handler = type("_Under", (_Quiet,), {"under": under})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    with listening(server):
        yield f"http://127.0.0.1:{server.server_port}{under}"


@contextmanager
def chromium(*more: str) -> Iterator[Any]:
    """A Chromium that is installed, driven by Playwright. `more`: arguments that it is started with."""
    from playwright.sync_api import sync_playwright

    names = (os.environ.get("CHROMIUM", ""), *_NAMES)
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("Chromium is not installed; `make browser` does that, or set CHROMIUM=/path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET, *more])
        yield browser
        browser.close()
