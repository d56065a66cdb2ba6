"""Remotes for the tests: a bare repository with a clone, and an object store on loopback."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from statusgen.objects import Place

CLEAN = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.org",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.org",
}
"""An environment in which git knows nothing of whoever runs the tests."""


def git(folder: Path, *words: str) -> str:
    """What git prints in this folder."""
    done = subprocess.run(["git", *words], cwd=folder, env=CLEAN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {' '.join(words)}\n{done.stderr}"
    return done.stdout.strip()


def bare(folder: Path) -> Path:
    """A bare repository with one commit on main, as a server holds it."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    work = folder.parent / f"{folder.name}-first"
    git(folder.parent, "clone", "--quiet", str(folder), work.name)
    (work / "README.md").write_text("a site\n")
    git(work, "checkout", "--quiet", "-B", "main")
    git(work, "add", "-A")
    git(work, "commit", "--quiet", "-m", "first")
    git(work, "push", "--quiet", "origin", "main")
    return folder


def clone(remote: Path, folder: Path, *words: str) -> Path:
    """A fresh clone, as shallow as a CI job's."""
    git(remote.parent, "clone", "--quiet", "--depth=1", *words, remote.as_uri(), str(folder))
    return folder


@contextmanager
def object_store() -> Iterator[Place]:
    """An S3 on loopback with one bucket, empty; it answers as Amazon's does, conditional writes included."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").disabled = True
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        place = Place(
            url="s3://it-status", endpoint=f"http://{host}:{port}", region="us-east-1", key_id="k", secret_key="s3cret"
        )
        boto3.client(
            "s3",
            endpoint_url=place.endpoint,
            region_name=place.region,
            aws_access_key_id="k",
            aws_secret_access_key="s",
        ).create_bucket(Bucket="it-status")
        yield place
    finally:
        server.stop()
