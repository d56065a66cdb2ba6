"""Publish targets: what is there equals the output, only what differs is sent, what is gone is gone, and the heartbeat is last."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.cli import main
from statusgen.errors import PublishError
from statusgen.objects import Folder, Place
from statusgen.publish.targets import limits, pages, rsync, store
from statusgen.publish.targets.order import Waves, headers
from statusgen.publish.targets.output import Output, held
from tests.remotes import object_store
from tests.sites import INCIDENT, NOW, Site, site

LATER = NOW + timedelta(minutes=30)
NUMBERS = itertools.count()
has_rsync = pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed here")


@pytest.fixture
def built(tmp_path: Path) -> Site:
    made = site(tmp_path / "site")
    made.build()
    return made


def change(made: Site) -> None:
    """An hour later one incident has come and another has gone."""
    (made.root / "content/incidents/p-1.md").unlink()
    (made.root / "content/incidents/p-2.md").write_text(INCIDENT.replace("Printing", "Scanning"))
    made.build(LATER)


# --------------------------------------------------------------------------------------------------------- order and headers


def test_what_leads_to_a_page_goes_out_after_it_and_the_heartbeat_after_all() -> None:
    paths = ["heartbeat.json", "index.html", "incidents/i1/index.html", "nl/index.html", "nl/incidents/i1/index.html"]
    paths += ["assets/site.0123456789.css", "u/abc/index.html", "sitemap.xml", "feed.rss", "history/index.html"]
    waves = Waves.of(paths)
    assert set(waves.first) == {p for p in paths if "incidents" in p or "assets" in p or p.startswith("u/")}
    assert set(waves.then) == {"index.html", "nl/index.html", "sitemap.xml", "feed.rss", "history/index.html"}
    assert waves.heartbeat == ("heartbeat.json",)


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("index.html", "text/html; charset=utf-8", "max-age=60"),
        ("assets/site.0123456789.css", "text/css; charset=utf-8", "immutable"),
        ("assets/font.woff2", "font/woff2", "max-age=60"),
        ("feed.json", "application/feed+json", "max-age=60"),
        ("api/v2/summary.json", "application/json", "max-age=60"),
        ("services/mail/planned.ics", "text/calendar; charset=utf-8", "max-age=60"),
        ("u/abcdefgh/index.html", "text/html; charset=utf-8", "private, no-store"),
        ("f/abcdefgh.rss", "application/rss+xml; charset=utf-8", "private, no-store"),
        ("heartbeat.json", "application/json", "no-cache"),
        ("_headers", "application/octet-stream", "max-age=60"),
    ],
)
def test_every_kind_of_file_is_served_as_what_it_is(path: str, kind: str, cache: str) -> None:
    """A browser would download a page of unknown type; no cache between may keep what is about one person."""
    assert headers(path)["Content-Type"] == kind
    assert cache in headers(path)["Cache-Control"]


def test_every_file_of_a_site_has_a_type_of_its_own(built: Site) -> None:
    odd = {path for path in built.tree() if headers(path)["Content-Type"] == "application/octet-stream"}
    assert odd <= {"_headers", "_redirects"}


# ------------------------------------------------------------------------------------------------------------ one tar for Pages


def tar_of(made: Site, name: str = "artifact.tar") -> bytes:
    with held(made.output) as output:
        pages.publish(output, made.root / name)
    return (made.root / name).read_bytes()


def members(tar: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for one in archive:
            assert one.isfile() or one.isdir(), one.name
            assert one.name == "." or one.name.startswith("./")
            assert one.mode == (0o755 if one.isdir() else 0o644)
            assert (one.mtime, one.uid, one.gid, one.uname) == (0, 0, 0, "")
        return {one.name[2:]: archive.extractfile(one).read() for one in archive.getmembers() if one.isfile()}  # type: ignore[union-attr]


def test_the_artifact_holds_the_whole_tree_and_no_links(built: Site) -> None:
    """Names with dots in front too, which Pages' own action leaves out: .well-known, .nojekyll."""
    for name in (".nojekyll", ".well-known/security.txt", f"{'deep/' * 30}é.txt"):
        path = built.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    found = members(tar_of(built))
    assert found == built.tree(heartbeat=True)
    assert ".well-known/security.txt" in found


def test_the_same_tree_makes_the_same_artifact_spliced_or_not(built: Site) -> None:
    """A second one copies what has not been touched; one on a fresh runner knows nothing of a last one."""
    tar_of(built)
    change(built)
    with held(built.output) as output:
        sent = pages.publish(output, built.root / "artifact.tar")
        assert sent.size == pages.size_of(output)
    spliced = (built.root / "artifact.tar").read_bytes()
    assert sent.unchanged > 5
    assert 0 < sent.sent < len(output.sizes)
    assert sent.removed > 0
    fresh = Site(built.root.parent / "fresh")
    shutil.copytree(built.output, fresh.output)
    assert tar_of(fresh) == spliced
    assert members(spliced) == built.tree(heartbeat=True)


def test_a_last_artifact_that_was_touched_is_not_believed(built: Site) -> None:
    whole = tar_of(built)
    (built.root / "artifact.tar").write_bytes(bytes(len(whole)))
    assert tar_of(built) == whole
    (built.root / ".output.statusgen" / "artifact.json").write_text('{"tar": 1')
    assert tar_of(built) == whole
    (built.root / "artifact.tar").unlink()
    assert tar_of(built) == whole


def test_a_link_in_the_output_is_refused_and_nothing_is_written(built: Site) -> None:
    (built.output / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(PublishError, match="links are not published"):
        tar_of(built)
    assert not (built.root / "artifact.tar").exists()


def test_an_output_that_is_none_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="there is no site"), held(tmp_path):
        pass


@pytest.mark.parametrize("name", ["./", "./u/", "./index.html", f"./{'a' * 98}", f"./{'a' * 99}", "./é"])
@pytest.mark.parametrize("size", [0, 7, 511, 123_456_789, 8**11 - 1])
def test_a_header_is_what_tarfile_makes(name: str, size: int) -> None:
    is_folder = name.endswith("/")
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o755 if is_folder else 0o644
    info.type = tarfile.DIRTYPE if is_folder else tarfile.REGTYPE
    form = tarfile.USTAR_FORMAT if len(name) <= 100 and name.isascii() else tarfile.PAX_FORMAT
    assert pages._header(name, size, is_folder=is_folder) == info.tobuf(format=form)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,9}(/[a-z.]{1,9}[a-z])?", fullmatch=True), st.binary(max_size=1100), max_size=9
    )
)
def test_any_tree_is_read_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, tree: Mapping[str, bytes]) -> None:
    root = tmp_path_factory.mktemp("tree")
    output = root / "output"
    output.mkdir()
    (output / "heartbeat.json").write_text("{}")
    for name, content in tree.items():
        path = output / name
        if any(part.exists() and not part.is_dir() for part in path.parents) or path.is_dir():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert members(tar_of(Site(root))) == Site(root).tree(heartbeat=True)


# ------------------------------------------------------------------------------------------------------------- the object store


@pytest.fixture(scope="module")
def bucket() -> Iterator[Place]:
    with object_store() as place:
        yield place


@pytest.fixture
def place(bucket: Place) -> Place:
    return replace(bucket, url=f"s3://it-status/site-{next(NUMBERS)}")


def client(place: Place) -> Any:
    import boto3

    return boto3.client(
        "s3", endpoint_url=place.endpoint, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )


def objects(place: Place) -> dict[str, bytes]:
    folder = Folder(place, error=PublishError)
    return {name: folder.get(name)[0] for name in folder.list() if name != store.MANIFEST}  # type: ignore[index]


def send(made: Site, place: Place) -> Any:
    with held(made.output) as output:
        return store.publish(output, place)


def test_a_full_publication_and_an_incremental_one_transfer_what_they_should(built: Site, place: Place) -> None:
    """All; then nothing; then only what an incident that came and one that went have changed."""
    before = built.tree(heartbeat=True)
    first = send(built, place)
    assert (first.sent, first.removed, first.size) == (len(before), 0, sum(map(len, before.values())))
    assert objects(place) == before

    again = send(built, place)
    assert (again.sent, again.removed, again.size) == (0, 0, 0)

    change(built)
    after = built.tree(heartbeat=True)
    second = send(built, place)
    differs = {path for path in after if before.get(path) != after[path]}
    assert second.sent == len(differs) < len(after)
    assert second.size == sum(len(after[path]) for path in differs)
    assert second.removed == len(before.keys() - after.keys()) > 0
    assert objects(place) == after


def test_a_fresh_runner_that_rendered_everything_sends_only_what_differs(built: Site, place: Place) -> None:
    send(built, place)
    shutil.rmtree(built.output)
    shutil.rmtree(built.root / ".output.statusgen")
    built.build(LATER)
    assert send(built, place).sent == 1  # the heartbeat


def test_objects_carry_their_headers(built: Site, place: Place) -> None:
    send(built, place)
    prefix = place.url.rpartition("/")[2]
    for name in ("index.html", "heartbeat.json", "planned.ics"):
        told = client(place).head_object(Bucket="it-status", Key=f"{prefix}/{name}")
        assert {"Content-Type": told["ContentType"], "Cache-Control": told["CacheControl"]} == headers(name)


class Dying(Folder):
    """A store that the runner is cut off from after so many writes; it knows in which order things came."""

    left = 10**9
    log: tuple[str, ...] = ()

    def put(self, name: str, *rest: Any, **more: Any) -> str:
        if Dying.left <= 0:
            raise PublishError("cut off")
        Dying.left -= 1
        Dying.log += (f"put {name}",)
        return super().put(name, *rest, **more)

    def delete(self, names: Any) -> None:
        for name in names:
            if Dying.left <= 0:
                raise PublishError("cut off")
            Dying.left -= 1
            Dying.log += (f"delete {name}",)
            super().delete([name])

    def each(self, work: Any, names: Any) -> Sequence[Any]:
        return [work(name) for name in names]


def dying(made: Site, place: Place, left: int) -> None:
    Dying.left, Dying.log = left, ()
    with held(made.output) as output:
        store._Site(output, Dying(place, error=PublishError)).publish()


def test_files_come_first_then_what_leads_to_them_then_removals_then_the_heartbeat_then_the_manifest(
    built: Site, place: Place
) -> None:
    send(built, place)
    change(built)
    dying(built, place, 10**9)
    log = list(Dying.log)
    rank = [
        4 if line == f"put {store.MANIFEST}"
        else 3 if line == "put heartbeat.json"
        else 2 if line.startswith("delete")
        else 0 if line.removeprefix("put ") in Waves.of(built.tree()).first
        else 1
        for line in log
    ]  # fmt: skip
    assert rank == sorted(rank)
    assert set(rank) == {0, 1, 2, 3, 4}


def test_a_publication_that_died_anywhere_is_finished_by_the_next_without_sending_anything_twice(
    built: Site, place: Place
) -> None:
    send(built, place)
    before = built.tree(heartbeat=True)
    change(built)
    after = built.tree(heartbeat=True)
    dying(built, replace(place, url=f"{place.url}-dry"), 10**9)
    for left in (0, 9, 25):
        here = replace(place, url=f"{place.url}-{left}")
        client_before = Folder(here, error=PublishError)
        client_before.each(lambda name: client_before.put(name, before[name], headers(name)), before)  # noqa: B023
        known = Folder(place, error=PublishError).get(store.MANIFEST)
        client_before.put(store.MANIFEST, known[0])  # type: ignore[index]
        with pytest.raises(PublishError, match="cut off"):
            dying(built, here, left)
        dying(built, here, 10**9)
        assert objects(here) == after
        puts = [line for line in Dying.log if line.startswith("put") and store.MANIFEST not in line]
        differs = {path for path in after if before.get(path) != after[path]}
        assert len(puts) == max(0, len(differs) - left), left


def test_the_first_publication_that_died_is_not_taken_for_somebody_elses_folder(built: Site, place: Place) -> None:
    with pytest.raises(PublishError, match="cut off"):
        dying(built, place, 5)
    send(built, place)
    assert objects(place) == built.tree(heartbeat=True)


def test_a_folder_with_something_else_in_it_is_left_alone(built: Site, place: Place) -> None:
    folder = Folder(place, error=PublishError)
    folder.put("holiday.jpg", b"x")
    with pytest.raises(PublishError, match="did not put there"):
        send(built, place)
    assert set(folder.list()) == {"holiday.jpg"}


def test_the_manifest_tells_nobody_an_address(tmp_path: Path, place: Place) -> None:
    """A bucket of a website is open, and the addresses of personal pages are secret."""
    made = site(tmp_path)
    made.build()
    assert any(path.startswith("u/") for path in made.tree())
    send(made, place)
    told = Folder(place, error=PublishError).get(store.MANIFEST)
    assert told
    for path in made.tree():
        for part in path.split("/"):
            assert len(part) < 20 or part.encode() not in told[0]


def test_a_store_that_refuses_is_told_in_our_words(built: Site, place: Place) -> None:
    with pytest.raises(PublishError, match="no such bucket"):
        send(built, replace(place, url="s3://nowhere-at-all/x"))
    with pytest.raises(PublishError, match="could not be reached") as caught:
        send(built, replace(place, endpoint="http://127.0.0.1:9"))
    assert "s3cret" not in str(caught.value)


def test_a_key_is_in_no_text_of_a_place(place: Place) -> None:
    assert place.secret_key not in repr(place)


# ---------------------------------------------------------------------------------------------------------------------- rsync


def test_each_step_of_rsync_is_asked_for_in_order_and_without_a_shell(built: Site) -> None:
    calls: list[tuple[Sequence[str], bytes]] = []

    def run(words: Sequence[str], feed: bytes) -> subprocess.CompletedProcess[bytes]:
        calls.append((words, feed))
        told = (
            b"drwxr-xr-x 40 2026/11/28 04:12:43 .\n" if "--list-only" in words else b"Number of deleted files: 1,234\n"
        )
        return subprocess.CompletedProcess(list(words), 0, told, b"")

    machine = rsync.Machine(target="deploy@www.example.org:/srv/status", port=2222)
    with held(built.output) as output:
        assert rsync.publish(output, machine, {}, run=run).removed == 1234
    look, claim, first, then, sweep, beat = calls
    assert all(
        words[:3] == ("rsync", "--rsh", "ssh -p 2222 -o BatchMode=yes -o ConnectTimeout=20") for words, _ in calls
    )
    assert all(words[-1] == "deploy@www.example.org:/srv/status/" for words, _ in calls)
    assert "--list-only" in look[0]
    assert claim[0][-2].endswith("/.statusgen")
    assert b"incidents/" in first[1]
    assert b"index.html\0" in then[1].split(b"heartbeat")[0]
    assert "--delete-after" in sweep[0]
    assert "--exclude=/heartbeat.json" in sweep[0]
    assert beat[1] == b"heartbeat.json\0"
    assert not any("--delete-after" in words for words, _ in (look, claim, first, then, beat))


@pytest.mark.parametrize(
    ("code", "why"), [(255, "ssh could not sign in"), (30, "nothing was heard"), (99, "failed with 99")]
)
def test_what_rsync_fails_with_is_told_in_our_words(built: Site, code: int, why: str) -> None:
    def run(words: Sequence[str], feed: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(list(words), code, b"", b"secret of the server")

    with pytest.raises(PublishError, match=why) as caught, held(built.output) as output:
        rsync.publish(output, rsync.Machine(target="www.example.org:/x"), {}, run=run)
    assert "secret" not in str(caught.value) + caught.value.help


def test_without_rsync_it_is_said(built: Site) -> None:
    with pytest.raises(PublishError, match="needs rsync"), held(built.output) as output:
        rsync.publish(output, rsync.Machine(target="x"), {"PATH": "/nonexistent"})


@has_rsync
def test_rsync_makes_a_folder_equal_to_the_output_and_sends_only_what_differs(built: Site, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    machine = rsync.Machine(target=str(there))

    def sync() -> Any:
        with held(built.output) as output:
            return rsync.publish(output, machine, os.environ)

    def found() -> dict[str, bytes]:
        files = {p.relative_to(there).as_posix(): p.read_bytes() for p in there.rglob("*") if p.is_file()}
        assert files.pop(rsync.MARKER)
        return files

    before = built.tree(heartbeat=True)
    first = sync()
    assert (first.sent, first.removed) == (len(before), 0)
    assert found() == before
    assert sync().sent == 0
    change(built)
    after = built.tree(heartbeat=True)
    second = sync()
    assert second.sent == len({path for path in after if before.get(path) != after[path]})
    assert second.removed >= len(before.keys() - after.keys()) > 0
    assert found() == after


@has_rsync
def test_rsync_speaks_to_a_daemon_too(built: Site, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    settings = tmp_path / "rsyncd.conf"
    who = f"uid = {os.getuid()}\ngid = {os.getgid()}\n" if os.getuid() == 0 else ""
    settings.write_text(f"use chroot = no\n{who}[site]\npath = {tmp_path / 'there'}\nread only = no\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["rsync", "--daemon", "--no-detach", f"--config={settings}", "--address=127.0.0.1", f"--port={port}"]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)
            with held(built.output) as output:
                sent = rsync.publish(output, rsync.Machine(target=f"rsync://127.0.0.1:{port}/site"), os.environ)
            with pytest.raises(PublishError, match="refused to begin"), held(built.output) as output:
                rsync.publish(output, rsync.Machine(target=f"rsync://127.0.0.1:{port}/none"), os.environ)
        finally:
            daemon.terminate()
    assert sent.sent == len(built.tree(heartbeat=True))
    assert (tmp_path / "there/index.html").read_bytes() == built.tree()["index.html"]


@has_rsync
def test_rsync_leaves_a_folder_with_something_else_in_it_alone(built: Site, tmp_path: Path) -> None:
    (tmp_path / "home" / "photos").mkdir(parents=True)
    with pytest.raises(PublishError, match="did not put there"), held(built.output) as output:
        rsync.publish(output, rsync.Machine(target=str(tmp_path / "home")), os.environ)
    with pytest.raises(PublishError, match="no such folder"), held(built.output) as output:
        rsync.publish(output, rsync.Machine(target=str(tmp_path / "nowhere")), os.environ)
    assert [p.name for p in (tmp_path / "home").iterdir()] == ["photos"]


# ---------------------------------------------------------------------------------------------------------------------- limits


def tree(sizes: Mapping[str, int]) -> Output:
    return Output(folder="", ours="", marks={path: (size, 0, 0) for path, size in sizes.items()})


def test_a_host_is_warned_of_from_80_percent_of_its_limits_on() -> None:
    many = {f"u/{number}.html": 1 for number in range(15_999)}
    assert not list(limits.near(tree(many), "cloudflare"))
    (near,) = limits.near(tree({**many, "x": 1}), "cloudflare")
    assert near.said == "the number of files: 16,000, and Cloudflare (free plan) takes 20,000 (80 %)"
    assert not near.is_over
    assert not list(limits.near(tree({**many, "x": 1}), "cloudflare-paid"))
    (large,) = limits.near(tree({"a.bin": 26 * 2**20}), "cloudflare")
    assert large.is_over
    assert "27.3 MB" in large.said


def test_for_pages_it_is_the_tar_that_counts() -> None:
    """200,000 small pages are larger as a tar."""
    small = {f"u/{number}.html": 3_400 for number in range(205_000)}
    assert sum(small.values()) < 0.8 * 10**9
    (near,) = limits.near(tree(small), "github-pages")
    assert 0.8 <= near.have / near.most < 1


# ------------------------------------------------------------------------------------------------------------- the command line


def test_build_publishes_where_the_configuration_says_and_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = site(tmp_path)
    config = made.root / "statusgen.toml"
    config.write_text(config.read_text() + '\n[publish]\nkind = "github-pages"\nartifact = "pages.tar"\n')
    assert main(["-C", str(tmp_path), "--output-format", "json", "build"]) == 0
    told = json.loads(capsys.readouterr().out)["published"]
    assert told["kind"] == "github-pages"
    assert told["sent"] == len(made.tree(heartbeat=True)) == len(members((tmp_path / "pages.tar").read_bytes()))
    (tmp_path / "pages.tar").unlink()
    assert main(["-C", str(tmp_path), "build", "--publish", "dir"]) == 0
    assert not (tmp_path / "pages.tar").exists()
    assert main(["-C", str(tmp_path), "build"]) == 0
    assert f"published {len(members((tmp_path / 'pages.tar').read_bytes())):,} files" in capsys.readouterr().out


def test_a_kind_that_the_configuration_gives_no_place_for_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site(tmp_path)
    for kind in ("s3", "rsync"):
        assert main(["-C", str(tmp_path), "build", "--publish", kind]) == 2
        assert "publish" in capsys.readouterr().err
