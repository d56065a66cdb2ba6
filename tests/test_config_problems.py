"""Every problem of statusgen.toml is said at once, in plain words, and pointed at in the file (DESIGN §4.1)."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import config
from statusgen.config.problems import problem
from statusgen.config.toml_text import toml
from statusgen.errors import ConfigError
from tests import regenerate
from tests.paths import SPECIMENS

FULL = (SPECIMENS / "config" / "full.toml").read_text("utf-8")
SMALL = '[site]\ntitle = "T"\n'
SOURCE = '[[sources]]\nname = "desk"\nkind = "csv"\npath = "a.csv"\n'
SCHEMA = json.loads(json.dumps(config.schema()))


def problems(text: str) -> str:
    """What is said about a text that is wrong."""
    with pytest.raises(ConfigError) as caught:
        config.parse(text)
    return caught.value.message


def places(message: str) -> list[tuple[int, int]]:
    """Line and column of every problem."""
    return [(int(line), int(column)) for line, column in re.findall(r"--> .*?:(\d+):(\d+)$", message, re.MULTILINE)]


def underlined(message: str) -> list[str]:
    """What the carets stand under, problem by problem."""
    found = []
    lines = message.split("\n")
    for source, carets in pairwise(lines):
        if re.fullmatch(r" *\| *\^+", carets):
            found.append(source[carets.index("^") : carets.rindex("^") + 1])
    return found


@pytest.mark.parametrize("path", sorted((SPECIMENS / "config").glob("bad-*.toml")), ids=lambda path: path.stem)
def test_what_a_newcomer_is_told(path: Path) -> None:
    """The whole text, read by eye; `.venv/bin/python -m tests.regenerate` writes it anew."""
    assert regenerate.told(path) == path.with_suffix(".txt").read_text("utf-8"), regenerate.HOW


@pytest.mark.parametrize(
    ("add", "said", "under"),
    [
        ('[site.support]\nemail = "nobody"\n', "is not an e-mail address", '"nobody"'),
        ('[privacy]\nlevel = "unlisted"\n', 'needs hosting = "private"', '"unlisted"'),
        ('[privacy]\nconfidential = { categry = "x" }\n', "did you mean `category`?", "categry"),
        ('[state]\npath = "output/state"\n', "the state would be in it", "site"),
        ('[state]\nbackend = "s3"\n', "`bucket` is missing", "state"),
        ('[state]\nbranch = "main"\n', "replaced as a whole", '"main"'),
        ('[state]\nbranch = "a..b"\n', "is not the name of a branch", '"a..b"'),
        ('[state]\nremote = "https://u:p@git.example.org/x.git"\n', "a password is never written", '"https://u:p@git.example.org/x.git"'),
        ('[state]\nremote = "ext::sh -c date"\n', "is not a remote", '"ext::sh -c date"'),
        ('[state]\nremote = "--upload-pack=x"\n', "is not a remote", '"--upload-pack=x"'),
        ('[state]\nbucket = { url = "bucket" }\n', "is not a bucket", '"bucket"'),
        ('[state]\nbucket = { url = "s3://abc/../d" }\n', "is not a bucket", '"s3://abc/../d"'),
        ('[state]\nbucket = { url = "s3://abc", endpoint = "http://store.example.org" }\n', "in clear", '"http://store.example.org"'),
        ('[state]\nbucket = { url = "s3://abc", key-id = { env = "A" } }\n', "needs `secret-key`", "key-id"),
        ('[publish]\nkind = "s3"\n', "`bucket` is missing", "publish"),
        ('[publish]\nkind = "rsync"\n', "`target` is missing", "publish"),
        ('[publish]\ntarget = "-e sh"\n', "is not a place for rsync", '"-e sh"'),
        ('[publish]\nbucket = { url = "s3://abc/x" }\n[state]\nbucket = { url = "s3://abc" }\n', "lie in each other", '"s3://abc"'),
        ('[publish]\nartifact = "output/a.tar"\n', "the artifact would be in it", "site"),
        ('[schedule]\nrebuild = "99999w"\n', "longer than a hundred years", '"99999w"'),
        ('[[services]]\nid = "a"\nname = "A"\ndepends-on = ["b"]\n', 'there is no service "b"', '"b"'),
        ('[[services]]\nid = "a"\nname = ""\n', "this is empty", '""'),
        ('[[services]]\nid = "a"\nname = { english = "A" }\n', "is not a language", "english"),
        ('[[services]]\nid = "a"\nname = "A\\u0000"\n', "control character", '"A\\u0000"'),
        ('[[services]]\nid = "a"\nname = "A"\nsince = 2025-01-01T10:00:00\n', "this is not a day", "2025-01-01T10:00:00"),
        ('[[teams]]\nid = "a"\nname = "A"\n[[teams]]\nid = "a"\nname = "A"\n', '"a" stands twice in [[teams]]', '"a"'),
        ('[[digests]]\nname = "a"\nschedule = "monday"\n', "is not a day and a time", '"monday"'),
        ('[channels.a]\nkind = "smtp"\nurl = { env = "X" }\n', "`from` is missing", "a"),
        ('[channels.a]\nkind = "webhook"\nurl = "https://chat.example.org/x"\n', "never written in this file", '"https://chat.example.org/x"'),
        ('[channels.a]\nkind = "webhook"\nurl = { env = "A", file = "b" }\n', "exactly one place", '{ env = "A", file = "b" }'),
        ('[[sources]]\nname = "a"\nkind = "cstate"\n', "has neither", "sources"),
        ('[[sources]]\nname = "a"\nkind = "cstate"\npath = "a"\nurl = "https://a.example.org/"\n', "has both", "url"),
        ('[[sources]]\nname = "a"\nkind = "feed"\nurl = "https://u:p@a.example.org/"\n', "a user and a password", '"https://u:p@a.example.org/"'),
        (SOURCE, "`number` in [sources.fields]", "sources"),
        (SOURCE + 'shape = "events"\nfields = { number = "n" }\n', "`updated-at` in [sources.fields]", "fields"),
        (SOURCE + 'fields = { number = "n" }\nheaders = { X-Api-Key = "abc" }\n', "is a secret", '"abc"'),
        (SOURCE + 'fields = { number = "n" }\nheaders = { "X Y" = "abc" }\n', "not the name of a header", '"X Y"'),
        (SOURCE + 'fields = { number = "n" }\ndate-format = "%Q"\n', "cannot be read as a date format", '"%Q"'),
        (SOURCE + '[sources.fields]\nnumber = "n"\nkind = "json"\n', "`kind` is a key of [[sources]] itself", "kind"),
        (SOURCE + 'fields = { number = "n" }\nstatus = { received = ["A"], closed = ["B", "A"] }\n', "stands for both received and closed", '"A"'),
        (SOURCE + 'fields = { number = "n" }\npriority = { 6 = "x" }\n', "a priority is 1, 2, 3, 4 or 5", "6"),
        (SOURCE + 'fields = { number = "n" }\ntitles = [{ template = "{number" }]\n', "a brace stands alone", '"{number"'),
        (SOURCE + 'fields = { number = "n" }\nservices = [{ service = "x", when = { team = [] } }]\n', "an empty list fits nothing", "[]"),
    ],
)  # fmt: skip
def test_one_problem_is_said_once_and_at_its_place(add: str, said: str, under: str) -> None:
    message = problems(SMALL + add)
    assert said in message
    assert under in underlined(message)


@pytest.mark.parametrize(
    ("text", "said", "at"),
    [
        ('title = "a\nb = 1', "a closing quote is missing here", (1, 11)),
        ("title = 'a", "a closing quote is missing here", (1, 11)),
        ('title = """a\nb', "a closing quote is missing here", (2, 2)),
        ("title = IT status", 'in double quotes: "like this"', (1, 9)),
        ("title = \u201cIT\u201d", "straight quotes", (1, 9)),
        ("[site]\nticket-counts = True", "in small letters", (2, 17)),
        ("title: 1", "write = between a key and its value", (1, 6)),
        ("title", "an = is missing here", (1, 6)),
        ("my title = 1", "without blanks", (1, 4)),
        ("[site\n", "a ] is missing here", (1, 6)),
        ('a = ["x" "y"]', "a comma or the closing ] is missing here", (1, 10)),
        ("a = { b = 1 c = 2 }", "a comma or the closing } is missing here", (1, 13)),
        ("a = { b = 1,\n c = 2 }", "stays on one line", (1, 13)),
        ('a = "C:\\data"', "this backslash means nothing", (1, 8)),
        ("a = 1 b = 2", "the line should end here", (1, 7)),
        ("  a = 1 # x\n  a = 2 # x", "this stands twice", (2, 3)),
        ("[a]\nx = 1\n [a]", "this stands twice", (3, 2)),
        ("a = 1\n[[a]]", "this stands twice", (2, 1)),
        ("?", "neither a key nor a [table]", (1, 1)),
        ("a = 2025-02-30", "", (1, 5)),
        ("a = " + "[" * 5000, "nested too deep", (1, 1)),
        ("a = " + "1" * 5000, "a number is too long", (1, 5005)),
        ("a = [1,\n\n\n", "", (1, 8)),
    ],
)  # fmt: skip
def test_a_slip_in_the_syntax_is_shown_where_it_is(text: str, said: str, at: tuple[int, int]) -> None:
    message = problems(text)
    assert said in message
    assert places(message) == [at]
    assert message.endswith("\n\n1 problem in statusgen.toml")


def test_a_rule_may_name_a_service_that_only_a_source_knows() -> None:
    desk = SOURCE + 'fields = { number = "n" }\nservices = [{ service = "cloud", when = {} }]\n'
    assert 'there is no service "cloud"' in problems(SMALL + desk)
    config.parse(SMALL + desk + '[[sources]]\nname = "x"\nkind = "cstate"\npath = "x"\n')


@pytest.mark.parametrize(
    "where",
    [
        "https://",
        "ftp://a.example.org/",
        "//a.example.org",
        "a.example.org",
        "http://[::1",
        "https://a.example.org/?x=1",
        "https://a.example.org:x/",
        "https://a b/",
    ],
)
def test_an_address_that_no_browser_could_open_is_refused(where: str) -> None:
    message = problems(f'{SMALL}base-url = "{where}"\n')
    assert underlined(message) == [f'"{where}"']


@pytest.mark.parametrize("output", [".", "./", "..", "content", "content/..", "x/../.statusgen", "../.."])
def test_the_output_may_not_hold_what_must_last(output: str) -> None:
    assert "replaced as a whole" in problems(f'{SMALL}output = "{output}"\n')


@pytest.mark.parametrize("output", ["public", "../site", "/srv/www/status", "content-site"])
def test_any_folder_of_its_own_can_be_the_output(output: str) -> None:
    assert config.parse(f'{SMALL}output = "{output}"\n').site.output == output


def test_a_later_version_is_the_only_thing_said_about_a_later_file() -> None:
    message = problems("config-version = 2\nwhatever = 1\n")
    assert "config-version 2 is of a later statusgen" in message
    assert message.endswith("1 problem in statusgen.toml")


def test_a_misspelt_key_that_is_needed_is_one_problem() -> None:
    message = problems('[site]\ntitel = "x"\n')
    assert "did you mean `title`?" in message
    assert message.endswith("\n1 problem in statusgen.toml")


def test_a_key_in_the_wrong_table_is_told_where_it_belongs() -> None:
    assert "`keep-closed` belongs in [privacy]" in problems('keep-closed = "1d"\n' + SMALL)


def test_problems_come_in_the_order_of_the_file_with_the_number_of_them() -> None:
    message = problems('[site]\ntitle = 1\nx = 1\n[calendar]\nhours = "x"\n[zzz]\n')
    assert [line for line, _ in places(message)] == [2, 3, 5, 6]
    assert message.endswith("\n4 problems in statusgen.toml")


def test_the_name_of_the_file_is_the_one_given() -> None:
    with pytest.raises(ConfigError, match=r"--> sites/a\.toml:1:5"):
        config.parse("x = ", name="sites/a.toml")


LINES = FULL.split("\n")
INSIDE_LISTS = range(LINES.index("holidays = [") + 1, LINES.index("]") + 1)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, len(LINES) - 1).filter(lambda n: n not in INSIDE_LISTS),
    st.sampled_from(["zzz", '"z z#"', "'z.z]'", "zz.zz"]),
)
def test_every_unknown_key_is_reported_at_its_own_line(after: int, key: str) -> None:
    text = "\n".join([*LINES[:after], f"{key} = 1 # x", *LINES[after:]])
    message = problems(text)
    assert places(message)[0] == (after + 1, 1)
    assert {line for line, _ in places(message)} == {after + 1}


def test_the_carets_stand_under_wide_letters_tabs_and_in_long_lines() -> None:
    shown = problem("a.md", "x\n\ttitle: 日本 wrong\n", 2, 12, 5, "this is wrong", "say it right", "warning")
    assert shown.split("\n") == [
        "warning: this is wrong",
        " --> a.md:2:12",
        "  |",
        "2 |  title: 日本 wrong",
        "  |              ^^^^^",
        "  = help: say it right",
    ]
    shown = problem("a", "x" * 500 + "wrong" + "y" * 500, 1, 501, 5, "m")
    source, carets = shown.split("\n")[3:5]
    assert len(source) < 160
    assert source[carets.index("^") : carets.rindex("^") + 1] == "wrong"


def test_a_problem_never_sends_control_characters_to_the_terminal() -> None:
    shown = problem("a", "title\x1b[31m \u202e x", 1, 1, 5, "m")
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", shown)


NONSENSE = [
    5, -1, "", "junk", "a\x07b", [], {}, True, [1], {"x": 1}, {"": "x"}, 1.5, date(2025, 1, 1), ["", ""], "1d", "64MB", [{}],
]  # fmt: skip


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield (*path, key)
        yield from _paths(below, (*path, key))


PATHS = list(_paths(tomllib.loads(FULL)))


def judge(path: tuple[str | int, ...], value: object) -> None:
    """One value of the full example replaced: it is read and fits the schema, or it is told in our own words."""
    data = copy.deepcopy(tomllib.loads(FULL))
    place = data
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    said = ""
    try:
        config.parse("\n".join(f"{toml(key)} = {toml(kept)}" for key, kept in data.items()))
    except ConfigError as error:
        said = error.message
    if said:
        assert re.search(r"\n\d+ problems? in statusgen.toml$", said)
        assert len(underlined(said)) == len(places(said)) > 0
        assert not re.search(r"pydantic|valid (tuple|dict|string)|instance of|function-|\[key\]|None", said), said
    else:
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(data, default=str)))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(PATHS), st.sampled_from(NONSENSE))
def test_nonsense_is_told_in_our_words_and_what_is_read_fits_the_schema(
    path: tuple[str | int, ...], value: object
) -> None:
    """Never a crash; and an editor never marks what the program accepts."""
    judge(path, value)


@pytest.mark.proof
@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_nonsense_at_every_place(path: tuple[str | int, ...]) -> None:
    for value in NONSENSE:
        judge(path, value)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_file_is_a_problem_with_a_place_and_never_a_crash(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(FULL) - 1))
    cut = data.draw(st.integers(0, 3))
    junk = data.draw(st.text(st.sampled_from("\"'[]{}=.#,\n\\\x00 é–“a1"), max_size=3))
    text = FULL[:at] + junk + FULL[at + cut :]
    try:
        config.parse(text)
    except ConfigError as error:
        for line, column in places(error.message):
            assert 1 <= column <= len(text.split("\n")[line - 1]) + 1


def test_a_channel_carries_incidents_or_the_digest_of_a_team_that_there_is() -> None:
    channel = '[channels.chat]\nkind = "webhook"\nurl = { env = "HOOK" }\ncarries = ["incidents", "workplac"]\n'
    found = problems(FULL + channel)
    assert '"workplac" is neither incidents nor the id of a team' in found
    assert "workplace" in found
