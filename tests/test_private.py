"""Private pages of a whole build: sealed as they should be, one person's only, the same bytes again, and nothing in the open."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from statusgen.access import Access
from statusgen.errors import SecretError
from tests.paths import PROJECT
from tests.sites import DESK, HEAD, NOW, SECRET, TICKETS, Site, site
from tests.unsealing import demo, everyone, file_of, is_sealed, opened, sealed_in

SEALED = HEAD.replace('level = "unlisted"\nhosting = "private"', "") + DESK
PEOPLE = ("ana", "bo", "cy")


def access(made: Site) -> Access:
    return Access(secret=SECRET, site_id="status.example.org")


def read(made: Site, person: str) -> str:
    lock = access(made).page_lock(person)
    return opened((made.output / file_of(lock)).read_text("utf-8"), lock)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that is only looked at."""
    made = site(tmp_path_factory.mktemp("sealed"), SEALED)
    made.build()
    return made


@pytest.fixture
def made(sealed: Site, tmp_path: Path) -> Site:
    """The same, to build again."""
    shutil.copytree(sealed.root, tmp_path / "made")
    return Site(tmp_path / "made")


def test_pages_are_sealed_unless_something_else_was_asked_for(sealed: Site) -> None:
    pages = everyone(sealed.output, access(sealed), PEOPLE)
    assert set(pages) == set(PEOPLE)
    assert "Screen flickers" in pages["ana"]
    assert "Locked out" in pages["bo"]
    assert all(is_sealed(path.read_text("utf-8")) for path in (sealed.output / "u").glob("*/index.html"))


def test_what_is_private_stands_nowhere_in_the_open(tmp_path: Path) -> None:
    """Titles, numbers and ids are in no file and no file name; a feed tells numbers, for it is a notice."""
    marked = TICKETS.replace(",ana,", ",ana-canary,").replace(",bo,", ",bo-canary,").replace(",cy,", ",cy-canary,")
    made = site(tmp_path, SEALED, {"tickets.csv": marked})
    made.build()
    assert "INC-1" in read(made, "ana-canary")
    titles = ("Screen flickers", "New mouse", "Locked out", "Slow laptop", "canary")
    numbers = tuple(f"INC-{n}" for n in range(1, 5))
    for name, data in made.tree(heartbeat=True).items():
        private = titles if name.startswith("f/") else titles + numbers
        assert not [one for one in private if one.encode() in data or one in name], name


def test_a_page_names_no_feed_and_nothing_of_its_owner_outside_of_what_is_sealed(sealed: Site) -> None:
    """Two people's pages are the same frame around what is sealed: token, check and the sealed text differ, nothing else."""
    frames = set()
    for person in PEOPLE:
        lock = access(sealed).page_lock(person)
        html = (sealed.output / file_of(lock)).read_text("utf-8")
        assert access(sealed).feed_token(person) not in html
        for own in (sealed_in(html), lock.token, lock.check):
            html = html.replace(own, "")
        frames.add(html)
    assert len(frames) == 1


def test_each_page_opens_with_its_owners_code_only(sealed: Site) -> None:
    ana, bo = (access(sealed).page_lock(person) for person in ("ana", "bo"))
    html = (sealed.output / file_of(ana)).read_text("utf-8")
    assert "INC-1" in opened(html, ana)
    with pytest.raises(AssertionError):
        opened(html, bo)


def test_the_frame_fits_what_is_sealed(sealed: Site) -> None:
    """What is sealed is the main part only, so that it can be put into a page that stands already."""
    inside = read(sealed, "ana")
    assert inside.startswith('<div class="head">')
    assert not re.search(r"<(?:html|head|body|main|header|script|style|link|meta)\b", inside)
    assert inside.count("<h1") == 1
    assert "only your access code opens it" in inside


def test_two_builds_make_the_same_bytes_and_the_second_writes_nothing(made: Site, tmp_path: Path) -> None:
    first = made.tree()
    again = made.build(NOW + timedelta(minutes=15))
    assert again.written <= 1, "the heartbeat"
    other = site(tmp_path / "other", SEALED)
    other.build(NOW)
    assert other.tree() == first == made.tree()


def test_one_persons_ticket_changes_that_persons_page_and_feed_only(made: Site) -> None:
    before = made.tree()
    (made.root / "tickets.csv").write_text(
        TICKETS.replace("INC-3,Locked out,Resolved", "INC-3,Locked out twice,Active")
    )
    made.build(NOW + timedelta(minutes=15))
    after = made.tree()
    changed = {name for name in after if after[name] != before.get(name)}
    own = {file_of(access(made).page_lock("bo")), f"f/{access(made).feed_token('bo')}.rss"}
    assert changed == own
    assert before.keys() == after.keys()


def test_state_remembers_no_hash_by_which_a_page_could_be_guessed(tmp_path: Path) -> None:
    """Equal pages of two sites with other secrets are remembered under other hashes, and public ones under the same."""
    from statusgen.state import load

    known = []
    for name, secret in (("one", SECRET), ("other", bytes(range(1, 33)))):
        made = site(tmp_path / name, HEAD + DESK)
        made.build(secret=secret)
        pages = load(made.state(secret), NOW).pages
        closed = ("u/index.html", "f/index.html")  # the same for everybody
        known.append({path: entry.inputs for path, entry in pages.items() if path not in closed})
    one, other = ({inputs for path, inputs in pages.items() if path.startswith(("u/", "f/"))} for pages in known)
    assert len(one) == len(other) == 7, "three pages, three feeds and the page that is nobody's"
    assert not one & other
    assert known[0]["index.html"] == known[1]["index.html"]


def test_without_a_secret_there_are_no_pages_one_warning_and_a_site(tmp_path: Path) -> None:
    made = site(tmp_path, SEALED)
    report = made.build(secret=None)
    assert report.people == 0
    assert len([warning for warning in report.warnings if "personal pages are off" in warning]) == 1
    assert not any(name.startswith(("u/", "f/")) for name in made.tree())
    assert "not in use" in made.page("me")


def test_the_page_about_pages_says_that_a_code_opens_them(sealed: Site, tmp_path: Path) -> None:
    assert "access code" in sealed.page("me")
    plain = site(tmp_path / "plain")
    plain.build()
    assert "access code" not in plain.page("me")
    assert "who has it can read the page" in plain.page("me")


def test_an_unlisted_page_is_whole_and_plain(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.build()
    pages = everyone(made.output, access(made), PEOPLE)
    assert "<title>" in pages["ana"]
    assert "Anyone with the address can read it" in pages["ana"]


def test_a_build_with_the_demos_secret_is_refused_for_another_site(tmp_path: Path) -> None:
    made = site(tmp_path, SEALED)
    with pytest.raises(SecretError, match="demo"):
        made.build(secret=demo().secret)
    assert not made.output.exists()


def test_the_demos_secret_is_refused_on_the_command_line_too(tmp_path: Path) -> None:
    toml = SEALED.replace("[privacy]", '[privacy]\nsecret = { file = "secret.txt" }')
    made = site(tmp_path, toml, {"secret.txt": (PROJECT / "content" / "demo-secret.txt").read_text("utf-8")})
    command = [sys.executable, "-m", "statusgen", "-C", str(made.root), "build"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_build_with_nothing_to_seal_does_not_load_cryptography(made: Site) -> None:
    """Sealing is lazy: where there is no secret, none of it is loaded."""
    told = (
        "import sys\nfrom pathlib import Path\nfrom tests.sites import Site, NOW\n"
        "report = Site(Path(sys.argv[1])).build(NOW, secret=None)\n"
        "sys.exit(f'{report.written} written' if 'cryptography' in sys.modules else 0)"
    )
    subprocess.run([sys.executable, "-c", told, str(made.root)], cwd=PROJECT, check=True)


def test_robots_are_told_nothing_about_private_pages(sealed: Site) -> None:
    """A line for /u/ would only stop a crawler from reading that such a page wants to stay out of the index."""
    assert "/u/" not in (sealed.output / "robots.txt").read_text("utf-8")
    lock = access(sealed).page_lock("ana")
    html = (sealed.output / file_of(lock)).read_text("utf-8")
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in html
    assert '<meta name="referrer" content="no-referrer">' in html
    assert "og:" not in html
    assert 'rel="alternate"' not in html
