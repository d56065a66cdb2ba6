"""Where things are kept and sent, as the configuration says it, with the secrets that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from statusgen.cli.secrets import Vault, vault
from statusgen.cli.session import Session
from statusgen.errors import UsageError

if TYPE_CHECKING:
    from statusgen.config import Config
    from statusgen.config.running import Bucket
    from statusgen.objects import Place
    from statusgen.state import State


def state_of(session: Session, config: Config, keys: tuple[bytes, ...]) -> State:
    """The state of `[state]`. Raises SecretError where it names a secret that is missing, StateError without its extra."""
    wanted = config.state
    lock_folder = session.root / wanted.path
    secrets = vault(session)
    if wanted.backend == "git-branch":
        from statusgen.levels import in_open_repository
        from statusgen.state.branch import BranchState

        return BranchState(
            session.root,
            branch=wanted.branch,
            remote=wanted.remote,
            lock_folder=lock_folder,
            environ=session.doors.environ,
            token=_token(config, secrets, session.doors.environ),
            keys=keys,
            in_clear=wanted.in_clear and not in_open_repository(session.doors.environ),
        )
    if wanted.backend == "s3":
        from statusgen.state.bucket import BucketState

        place = bucket_place(wanted.bucket, secrets, session.doors.environ)
        return BucketState(place, lock_folder=lock_folder, keys=keys, in_clear=wanted.in_clear)
    from statusgen.state import DirState

    return DirState(lock_folder, keys=keys)


def bucket_place(bucket: Bucket | None, secrets: Vault, environ: Mapping[str, str]) -> Place:
    """The object store of a table. Keys come from the secrets it names, else from the environment as Amazon's tools take them."""
    from statusgen.objects import Place

    if bucket is None:
        raise UsageError("the configuration names no bucket in [publish]", help='Write bucket = { url = "s3://…" }.')
    named = bucket.key_id is not None and bucket.secret_key is not None
    return Place(
        url=bucket.url,
        endpoint=bucket.endpoint or environ.get("AWS_ENDPOINT_URL_S3", "") or environ.get("AWS_ENDPOINT_URL", ""),
        region=bucket.region or environ.get("AWS_REGION", "") or environ.get("AWS_DEFAULT_REGION", ""),
        key_id=secrets.value(bucket.key_id) if bucket.key_id else environ.get("AWS_ACCESS_KEY_ID", ""),
        secret_key=secrets.value(bucket.secret_key) if bucket.secret_key else environ.get("AWS_SECRET_ACCESS_KEY", ""),
        session_token="" if named else environ.get("AWS_SESSION_TOKEN", ""),
    )


def _token(config: Config, secrets: Vault, environ: Mapping[str, str]) -> str:
    """What git signs in with; empty where none is set and the configuration names none."""
    token = config.state.token
    is_named = "token" in config.state.model_fields_set
    if not is_named and not environ.get(token.env or "", "").strip():
        return ""
    return secrets.value(token)
