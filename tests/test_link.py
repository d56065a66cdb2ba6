"""`statusgen link`: who hands codes out gets the right ones, a rotation kills the old ones, and no log ever holds one."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.access import Access, new_secret, read_code, written
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.text.cells import as_csv, cell
from tests.sites import DESK, HEAD, NOW, SECRET, Site, site
from tests.unsealing import file_of, opened

SEALED = HEAD.replace('level = "unlisted"\nhosting = "private"', "") + '[people]\npath = "people.csv"\n' + DESK
LIST = "id,email,name,language\nana,Ana@Example.org,Ana Duarte,nl\nbo,bo@example.org,Bo,\ncy,cy@example.org,=2+3,\ndi,,Di,\n"
ACCESS = Access(secret=SECRET, site_id="status.example.org")
LATER = NOW + timedelta(hours=2)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that is only copied."""
    one = site(tmp_path_factory.mktemp("link"), SEALED, {"people.csv": LIST})
    one.build()
    return one


@pytest.fixture
def made(built: Site, tmp_path: Path) -> Site:
    shutil.copytree(built.root, tmp_path / "made")
    return Site(tmp_path / "made")


@pytest.fixture
def run(made: Site, capsys: pytest.CaptureFixture[str]) -> Any:
    """One command line in the site's folder: (exit code, stdout, stderr)."""

    def run(*words: str, environ: dict[str, str] | None = None) -> tuple[int, str, str]:
        environ = {"STATUSGEN_SECRET": new_secret(SECRET), **(environ or {})}
        doors = Doors(clock=lambda: LATER, environ=environ, is_terminal=lambda: False)
        code = main(["-C", str(made.root), *words], doors=doors)
        return code, *capsys.readouterr()

    return run


def url(token: str) -> str:
    return f"https://status.example.org/it/u/{token}/"


def test_a_person_is_found_by_exact_id_or_by_address_and_gets_address_and_code(run: Any) -> None:
    lock = ACCESS.page_lock("ana")
    for name in ("ana", "ANA@example.org"):
        code, out, err = run("link", name)
        assert code == 0, err
        assert f"page  {url(lock.token)}" in out
        assert f"code  {written(lock.code)}" in out
    code, out, err = run("link", "Ana")
    assert (code, out) == (2, "")
    assert "as they are" in err


def test_whoever_has_no_page_yet_is_told_when_it_comes(run: Any) -> None:
    assert "comes with the first ticket" in run("link", "di")[1]


def test_in_a_ci_job_nothing_is_printed_unless_forced(run: Any, made: Site) -> None:
    """A log is kept for months and read by many."""
    secret = written(ACCESS.page_lock("ana").code)
    for name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI"):
        code, out, err = run("link", "ana", environ={name: "true"})
        assert code == 2
        assert secret not in out + err
    assert secret in run("link", "ana", "--force", environ={"CI": "true"})[1]
    code, out, err = run("link", "ana", "-o", "codes.txt", environ={"CI": "true"})
    assert code == 0
    assert secret not in out + err
    assert secret in (made.root / "codes.txt").read_text()


def test_a_file_of_codes_is_its_owners_only_even_where_it_was_open_before(run: Any, made: Site) -> None:
    path = made.root / "codes.csv"
    path.touch(0o644)
    assert run("link", "--all", "--format", "csv", "-o", "codes.csv")[0] == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_service_desk_gets_everybody_as_csv_that_no_spreadsheet_computes(run: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(run("link", "--all", "--format", "csv")[1])))
    assert [row["id"] for row in rows] == ["ana", "bo", "cy", "di"]
    assert rows[2]["name"] == "'=2+3"
    assert [row["page"] for row in rows] == ["yes", "yes", "yes", "no"]
    for row in rows:
        assert read_code(row["code"]) == ACCESS.page_lock(row["id"]).code


def test_programs_get_json(run: Any) -> None:
    one = json.loads(run("--output-format", "json", "link", "ana")[1])
    assert one["address"] == url(ACCESS.page_token("ana"))
    assert len(json.loads(run("link", "--all", "--format", "json")[1])) == 4


def test_a_rotation_moves_one_person_and_nobody_else(run: Any, made: Site) -> None:
    before = made.tree()
    code, out, err = run("link", "ana", "--rotate")
    assert code == 0
    new = ACCESS.page_lock("ana", 2)
    assert url(new.token) in out
    assert written(new.code) in out
    assert "next publish" in err
    made.build(NOW + timedelta(minutes=15))
    after = made.tree()
    old = {file_of(ACCESS.page_lock("ana")), f"f/{ACCESS.feed_token('ana')}.rss"}
    assert before.keys() - after.keys() == old
    assert after.keys() - before.keys() == {file_of(new), f"f/{ACCESS.feed_token('ana', 2)}.rss"}
    assert {name for name in before.keys() & after.keys() if before[name] != after[name]} == set()
    assert "INC-1" in opened((made.output / file_of(new)).read_text("utf-8"), new)
    assert not any(ACCESS.page_token("ana").encode() in data for data in after.values()), "nothing leads to the new one"


def test_a_feed_gets_a_new_address_without_its_page(run: Any, made: Site) -> None:
    """Page and code stay; on the page the new address stands; a later rotation of the page never brings an old feed back."""
    lock, before = ACCESS.page_lock("ana"), made.tree()
    code, out, err = run("link", "ana", "--rotate", "--feed")
    assert code == 0
    assert url(lock.token) in out
    assert ACCESS.feed_token("ana", 2) in out
    assert "The old address of the feed dies" in err
    made.build(NOW + timedelta(minutes=15))
    after = made.tree()
    assert before.keys() - after.keys() == {f"f/{ACCESS.feed_token('ana')}.rss"}
    assert after.keys() - before.keys() == {f"f/{ACCESS.feed_token('ana', 2)}.rss"}
    assert {name for name in before.keys() & after.keys() if before[name] != after[name]} == {file_of(lock)}
    assert ACCESS.feed_token("ana", 2) in opened((made.output / file_of(lock)).read_text("utf-8"), lock)
    run("link", "ana", "--rotate")
    made.build(NOW + timedelta(minutes=30))
    assert f"f/{ACCESS.feed_token('ana', 3)}.rss" in made.tree()
    assert file_of(ACCESS.page_lock("ana", 2)) in made.tree()


def test_a_feed_alone_is_only_rotated(run: Any) -> None:
    code, _, err = run("link", "ana", "--feed")
    assert code == 2
    assert "--rotate --feed" in err


def test_rotations_add_up_and_outlive_builds(run: Any, made: Site) -> None:
    for expected in (2, 3):
        assert run("link", "ana", "--rotate")[0] == 0
        made.build(NOW + timedelta(minutes=expected))
        assert url(ACCESS.page_token("ana", expected)) in run("link", "ana")[1]
    assert url(ACCESS.page_token("bo")) in run("link", "bo")[1]


def test_why_and_serve_know_the_address_that_counts(run: Any, made: Site) -> None:
    run("link", "ana", "--rotate")
    made.build(NOW + timedelta(minutes=15))
    told = json.loads(run("--output-format", "json", "why", "INC-1")[1])
    assert ACCESS.page_token("ana", 2) in told["requester_page"]


def test_the_revoked_get_no_link(run: Any, made: Site) -> None:
    (made.root / "revoked.txt").write_text("ana\n")
    assert run("link", "ana")[0] == 2
    assert "ana" not in [row["id"] for row in csv.DictReader(io.StringIO(run("link", "--all", "--format", "csv")[1]))]


def test_without_a_secret_it_says_what_to_do(made: Site, capsys: pytest.CaptureFixture[str]) -> None:
    doors = Doors(clock=lambda: LATER, environ={}, is_terminal=lambda: False)
    assert main(["-C", str(made.root), "link", "ana"], doors=doors) == 2
    assert "statusgen secret new" in capsys.readouterr().err


@pytest.mark.parametrize("words", [(), ("ana", "--all"), ("nobody",)])
def test_what_does_not_fit_is_a_usage_error(run: Any, words: tuple[str, ...]) -> None:
    assert run("link", *words)[0] == 2


# ---- the sheet


def test_a_sheet_says_all_in_the_persons_language_and_needs_no_other_file(run: Any, made: Site) -> None:
    assert run("link", "--all", "--sheet", "sheets.html")[0] == 0
    path = made.root / "sheets.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    html = path.read_text("utf-8")
    dutch, english, *_ = re.findall(r"<section.*?</section>", html, re.DOTALL)
    assert 'lang="nl"' in dutch
    assert "Ana Duarte" in dutch
    assert "Zo open je" in dutch
    assert "How to open it" in english
    lock = ACCESS.page_lock("ana")
    assert written(lock.code).replace("-", " ") in dutch
    assert url(lock.token) in dutch
    assert "#k=" not in html
    assert not re.search(r"(?:src|href)=", html)
    assert "desk@example.org" in english


def test_a_hostile_name_stays_text_on_the_sheet(made: Site) -> None:
    from statusgen import wording
    from statusgen.channels.sheet import Sheet, render
    from statusgen.views.common import Support

    one = Sheet(name="<script>alert(1)</script>", address="https://x.test/u/a/", code="a-b")
    html = render([(one, wording.words("en", "UTC"))], title="<b>", support=Support(email="", phone="")).decode()
    assert "<script" not in html
    assert "<b>" not in html


# ---- cells


@given(st.text(max_size=20))
def test_no_cell_begins_as_a_formula_unless_it_is_a_number(text: str) -> None:
    made = cell(text)
    assert made in (text, f"'{text}")
    if made.lstrip()[:1] in set("=+-@\uff1d\uff0b\uff0d\uff20"):
        float(made.strip().replace(",", "."))


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n")), min_size=1), max_size=4
    )
)
def test_csv_comes_back_as_it_was_given_but_for_the_guard(rows: list[list[str]]) -> None:
    back = list(csv.reader(io.StringIO(as_csv(rows), newline="")))
    assert [row for row in back if row] == [[cell(one) for one in row] for row in rows if row != [""] or row]
