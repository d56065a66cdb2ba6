"""The tables of how it runs: `[state]`, `[schedule]` and `[publish]`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from statusgen.config.base import Says, Secret, Table
from statusgen.config.problems import BadValueError
from statusgen.config.values import Count, Duration, Filled, Flag, Line, Url

_BUCKET = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?$"
_BRANCH = r"^[A-Za-z0-9_][A-Za-z0-9_-]*([./][A-Za-z0-9_-]+)*$"
_CODE = frozenset({"main", "master", "trunk", "develop", "gh-pages", "HEAD"})
_HAS_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@")
_RSYNC = r"^(?!-)(?:(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9._-]+:)?[^:\s]+$|^rsync://[^@\s]+$"


def _bucket_url(value: str) -> str:
    if not re.match(_BUCKET, value):
        raise BadValueError(f"{value!r} is not a bucket", help='write "s3://bucket", or "s3://bucket/folder"')
    return value.rstrip("/")


def _branch(value: str) -> str:
    if value in _CODE:
        raise BadValueError(
            f"{value!r} holds something else, and the branch of the state is replaced as a whole",
            help='give the state a branch of its own, such as "statusgen-state"',
        )
    if not re.match(_BRANCH, value) or value.endswith(".lock"):
        raise BadValueError(f"{value!r} is not the name of a branch", help='write one like "statusgen-state"')
    return value


def _remote(value: str) -> str:
    if _HAS_PASSWORD.search(value):
        raise BadValueError(
            "a password is never written in this file",
            help='write the address without it, and token = { env = "NAME" }',
        )
    if value.startswith("-") or not value.strip() or re.search(r"\s|[\x00-\x1f]|^[a-z]+::", value):
        raise BadValueError(
            f"{value!r} is not a remote", help='write the name of one, such as "origin", or its address'
        )
    return value


def _rsync(value: str) -> str:
    if not re.match(_RSYNC, value):
        raise BadValueError(
            f"{value!r} is not a place for rsync", help='write "user@host:/folder", or a folder of this machine'
        )
    return value


BucketUrl = Annotated[
    str,
    AfterValidator(_bucket_url),
    WithJsonSchema({"type": "string", "pattern": _BUCKET}),
    Says("address of a bucket, or of a folder in it"),
]
Branch = Annotated[str, AfterValidator(_branch), Says("branch")]
Remote = Annotated[str, AfterValidator(_remote), Says("remote, or its address")]
RsyncPlace = Annotated[str, AfterValidator(_rsync), Says("place for rsync")]


class Bucket(Table):
    """A place in an object store that speaks S3: Amazon, Cloudflare R2, MinIO. It needs `pip install statusgen[s3]`."""

    url: BucketUrl = Field(description="The bucket, and a folder in it.", examples=["s3://it-status/site"])
    endpoint: Url | None = Field(
        default=None,
        description="Where the store is, if it is not Amazon's; in clear to loopback only.",
        examples=["https://account.r2.cloudflarestorage.com"],
    )
    region: Line = Field(default="", description="Its region. Default: AWS_REGION, else us-east-1.", examples=["auto"])
    key_id: Secret | None = Field(
        default=None,
        description="The id of the access key. Default: as Amazon's tools find it, AWS_ACCESS_KEY_ID first.",
        examples=[{"env": "R2_KEY_ID"}],
    )
    secret_key: Secret | None = Field(
        default=None,
        description="The secret access key. Default: as Amazon's tools find it, AWS_SECRET_ACCESS_KEY first.",
        examples=[{"env": "R2_SECRET_KEY"}],
    )


class StateTable(Table):
    """Where what must be remembered between builds is kept."""

    backend: Literal["dir", "git-branch", "s3"] = Field(
        default="dir",
        description="dir: a folder; git-branch: the branch statusgen-state; s3: an object store.",
        examples=["dir"],
    )
    path: Filled = Field(
        default=".statusgen",
        description="dir: the folder. The others keep only their lock in it.",
        examples=[".statusgen"],
    )
    branch: Branch = Field(
        default="statusgen-state",
        description="git-branch: the branch. It holds nothing else, and always one commit.",
        examples=["statusgen-state"],
    )
    remote: Remote = Field(
        default="origin", description="git-branch: the remote that the branch is pushed to.", examples=["origin"]
    )
    token: Secret = Field(
        default=Secret(env="STATUSGEN_GIT_TOKEN"),
        description="git-branch: what git signs in with over https. Where it is not set, git signs in as it always does.",
        examples=[{"env": "STATUSGEN_GIT_TOKEN"}],
    )
    bucket: Bucket | None = Field(default=None, description="s3: the object store.")
    in_clear: Flag = Field(
        default=False,
        description="git-branch, s3: without a secret keep what tickets say in clear. Only where nobody else can read it.",
        examples=[True],
    )


class Schedule(Table):
    """How often the site is made anew, and how long it can be believed."""

    rebuild: Duration = Field(default=timedelta(minutes=15), description="How often it is rebuilt.", examples=["15m"])
    heartbeat: Duration = Field(
        default=timedelta(hours=1),
        description="It is published at least this often, so that a live page can tell its age.",
        examples=["1h"],
    )
    good_for: Duration = Field(
        default=timedelta(hours=3),
        description="After this long a page says that it may be out of date.",
        examples=["3h"],
    )
    ping: Secret | None = Field(
        default=None,
        description="An address that `statusgen run` asks after each run that went well, and with /fail behind it after one that did not: whoever watches there notices when no run comes any more. It is a secret.",
        examples=[{"env": "PING_URL"}],
    )


Host = Literal["github-pages", "gitlab-pages", "cloudflare", "cloudflare-paid", "none"]


class Publish(Table):
    """Where the finished site goes."""

    kind: Literal["dir", "github-pages", "s3", "rsync"] = Field(
        default="dir",
        description="dir: it stays in the output folder; github-pages: also as the one file that Pages takes; "
        "s3: to an object store; rsync: to another machine.",
        examples=["dir"],
    )
    artifact: Filled = Field(
        default="artifact.tar",
        description="github-pages: the file. Upload it as the artifact github-pages.",
        examples=["artifact.tar"],
    )
    bucket: Bucket | None = Field(default=None, description="s3: the object store. It holds nothing else there.")
    target: RsyncPlace | None = Field(
        default=None,
        description="rsync: where to. It holds nothing else there.",
        examples=["deploy@www.example.org:/srv/status/"],
    )
    port: Count = Field(default=22, le=65535, description="rsync: the port of ssh.", examples=[22])
    host: Host | None = Field(
        default=None,
        description="Whose limits to warn of. Default: those of github-pages for that kind, else none.",
        examples=["cloudflare"],
    )
