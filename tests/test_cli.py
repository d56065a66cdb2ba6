"""The command line: what a person, a program and a shell see of it. The outside comes in through Doors; nothing is patched."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config as configs
from statusgen.build import Report
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.cli.entry import COMMANDS, group
from statusgen.cli.links import broken
from statusgen.cli.new import slug
from statusgen.cli.progress import Progress
from statusgen.cli.report import age_of
from statusgen.cli.secrets import Vault
from statusgen.cli.session import Moment
from statusgen.cli.sources_get import Answers, getter
from statusgen.cli.terminal import Terminal, wants_color
from statusgen.config import Secret, SourceConfig
from statusgen.errors import (
    BusyError,
    ConfigError,
    PublishError,
    SecretError,
    SourceError,
    StateError,
    ThemeError,
    UsageError,
)
from statusgen.model import SourceState, SourceStatus
from statusgen.sources.common import Fetched

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
MASTER = "sgk1_" + "A" * 43
MINIMAL = """\
config-version = 1
[site]
title = "IT status"
time-zone = "Europe/Amsterdam"
[[sources]]
name = "desk"
kind = "csv"
path = "tickets.csv"
[sources.fields]
number = "Number"
"""
SOURCES = (
    SourceStatus(name="desk", kind="csv", state=SourceState.OK, records=1204, skipped=12, as_of=NOW),
    SourceStatus(
        name="cloud",
        kind="statuspage",
        state=SourceState.STALE,
        records=3,
        as_of=NOW - timedelta(minutes=38),
        error="timed out after 20 s",
    ),
    SourceStatus(name="new", kind="json", state=SourceState.DOWN, error="there is no new.json in feeds/"),
)


def report(**changes):
    facts = {
        "pages": 468, "written": 51, "unchanged": 417, "removed": 2, "tickets": 1204, "open_tickets": 40, "incidents": 3,
        "people": 9, "services": 10, "sources": SOURCES, "warnings": ("5 tickets have the status '-100'",), "seconds": 2.6,
    }  # fmt: skip
    return Report(**{**facts, **changes})


class Build:
    """A build that remembers what it was asked and answers what it was told: a report, or an error."""

    def __init__(self, answer=None):
        self.answer = answer or report()
        self.asked = {}

    def __call__(self, config, **asked):
        self.asked = {"config": config, **asked}
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def run(capsys, tmp_path):
    """Run one command line in the test's folder: (exit code, stdout, stderr)."""

    def run(*words, build=None, environ=None, clock=NOW, stdin=""):
        doors = Doors(
            clock=lambda: clock, environ=environ or {}, is_terminal=lambda: False, read_stdin=lambda: stdin, build=build
        )
        code = main(["-C", str(tmp_path), *words], doors=doors)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def quietly(folder, *words, environ=None):
    """Run a command line that prepares what several tests look at."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as err:
        code = main(
            ["-C", str(folder), *words],
            doors=Doors(clock=lambda: NOW, environ=environ or {}, is_terminal=lambda: False),
        )
    assert code == 0, err.getvalue()


@pytest.fixture(scope="module")
def sample_site(tmp_path_factory):
    """What `statusgen init` writes."""
    folder = tmp_path_factory.mktemp("sample")
    quietly(folder, "init")
    return folder


@pytest.fixture(scope="module")
def log_site(tmp_path_factory):
    """A built site of a small event log."""
    folder = tmp_path_factory.mktemp("log")
    write(folder, {"statusgen.toml": EVENTS_CONFIG, "log.csv": EVENTS})
    quietly(folder, "--now", "2026-11-19T12:00:00Z", "build", environ={"STATUSGEN_SECRET": MASTER})
    return folder


@pytest.fixture
def site(tmp_path):
    (tmp_path / "statusgen.toml").write_text(MINIMAL)
    return tmp_path


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


class TestHelp:
    def test_help_loads_nothing_heavy(self):
        """So that it answers in the time of a bare interpreter and click."""
        heavy = "jinja2 lxml requests pydantic babel msgspec yaml watchdog nh3 markdown icalendar importlib.metadata statusgen.config"
        script = f"""
import sys
from statusgen.cli import main
main(["--help"])
print([name for name in {heavy.split()!r} if name in sys.modules], file=sys.stderr)
"""
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stderr.strip() == "[]"
        assert done.stdout.startswith("Usage: statusgen")

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_has_the_help_that_the_table_says(self, run, name):
        code, out, _ = run(name, "--help")
        assert code == 0
        told = " ".join(out.split())
        assert COMMANDS[name].rstrip(".") in told

    def test_every_option_says_what_it_does(self):
        with group.make_context("statusgen", ["--output-format", "text"], resilient_parsing=True) as context:
            commands = [group, *(group.get_command(context, name) for name in COMMANDS)]
        for command in commands:
            for parameter in command.params:
                assert parameter.param_type_name == "argument" or parameter.help, f"{command.name} {parameter.name}"

    def test_the_bare_command_prints_help_and_what_to_do_first(self, run):
        code, out, _ = run()
        assert code == 0
        assert out.startswith("Usage: statusgen")
        assert out.rstrip().endswith("Next: statusgen init")

    def test_the_bare_command_beside_a_configuration_says_build(self, run, site):
        assert run()[1].rstrip().endswith("Next: statusgen build")

    def test_python_m_statusgen_is_the_same(self, tmp_path):
        done = subprocess.run(
            [sys.executable, "-m", "statusgen", "--version"], capture_output=True, text=True, check=True
        )
        assert re.fullmatch(r"statusgen \d+\.\d+\.\d+\n", done.stdout)

    def test_every_flag_can_come_from_the_environment(self, run, site, monkeypatch):
        monkeypatch.setenv("STATUSGEN_NOW", "2026-01-02T03:04:05Z")
        monkeypatch.setenv("STATUSGEN_BUILD_FORCE", "1")
        build = Build()
        run("build", build=build)
        assert build.asked["now"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert build.asked["fresh"] is True


class TestMistakes:
    def test_a_mistyped_command_is_answered_with_the_one_that_was_meant(self, run):
        code, out, err = run("biuld")
        assert (code, out) == (2, "")
        assert "Did you mean 'build'?" in err

    def test_an_unknown_option_names_the_help_to_read(self, run, site):
        code, _, err = run("build", "--nonsense")
        assert code == 2
        assert "help: `statusgen build --help`" in err

    @pytest.mark.parametrize("time", ["2026-11-24T10:20:00", "2026-11-24", "2026-11-24 10:20"])
    def test_a_time_without_an_offset_is_refused_with_two_that_have_one(self, run, site, time):
        """It would mean another moment on another machine."""
        code, _, err = run("--now", time, "build")
        assert code == 2
        assert re.search(r"Write 2026-11-24T\d\d:\d\d:\d\dZ for UTC, or 2026-11-24T\d\d:\d\d:\d\d\+01:00", err)

    def test_what_is_no_time_is_refused_with_an_example(self, run, site):
        assert "like 2026-11-24T10:20:00+01:00" in run("--now", "yesterday", "build")[2]

    @given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
    def test_every_time_with_an_offset_is_that_moment_in_utc(self, moment, minutes):
        written = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
        read = Moment().convert(written.isoformat(), None, None)
        assert (read, read.tzinfo) == (written, UTC)

    def test_no_configuration_is_answered_with_init(self, run):
        code, _, err = run("build")
        assert code == 2
        assert "there is no statusgen.toml" in err
        assert "help: `statusgen init`" in err

    def test_a_wrong_configuration_shows_every_problem_with_its_line(self, run, site):
        (site / "statusgen.toml").write_text('[site]\ntitel = "x"\ntime-zone = "Mars/Base"\n')
        code, _, err = run("build")
        assert code == 2
        assert "statusgen.toml:2:1" in err
        assert "Mars/Base" in err
        assert not err.startswith("error: error:")

    def test_a_configuration_that_is_not_utf_8_says_so(self, run, site):
        (site / "statusgen.toml").write_bytes(b"\xff\xfe[\x00")
        code, _, err = run("build")
        assert code == 2
        assert "is not UTF-8" in err

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (UsageError("u", help="h"), 2),
            (ConfigError("c", help="h"), 2),
            (SecretError("s", help="h"), 4),
            (SourceError("s", help="h"), 1),
            (ThemeError("t", help="h"), 1),
            (PublishError("p", help="h"), 1),
            (StateError("s", help="h"), 5),
            (BusyError("b", help="h"), 5),
            (PermissionError(13, "Permission denied", "output"), 1),
            (KeyboardInterrupt(), 130),
        ],
    )
    def test_each_error_has_its_exit_code_and_shows_no_traceback(self, run, site, error, code):
        found, out, err = run("build", build=Build(error))
        assert (found, out) == (code, "")
        assert "Traceback" not in err
        assert err.startswith("error: ") or error.__class__ is KeyboardInterrupt

    def test_an_error_for_a_program_is_an_object_on_stdout(self, run, site):
        code, out, _ = run(
            "--output-format", "json", "build", build=Build(BusyError("another build runs", help="Wait."))
        )
        assert code == 5
        assert json.loads(out) == {"error": "another build runs", "help": "Wait."}

    def test_an_error_in_actions_is_one_annotation(self, run, site):
        _, out, _ = run(
            "--output-format", "github", "build", build=Build(PublishError("50 % full\nno room", help="Make room."))
        )
        assert out == "::error title=statusgen::50 %25 full%0Ano room%0AMake room.\n"

    def test_a_bug_says_that_it_is_one_and_shows_where(self, run, site):
        code, _, err = run("build", build=Build(ZeroDivisionError("x")))
        assert code == 1
        assert "Traceback" in err
        assert "this is a bug in statusgen" in err

    def test_a_bug_does_not_quote_a_ticket_unless_it_is_asked_to(self, run, site):
        """What an exception says may be what a ticket says, and a log is read by others."""
        bug = ZeroDivisionError("Ana's salary")
        bug.__cause__ = KeyError("Bo's address")
        _, _, err = run("build", build=Build(bug))
        assert "salary" not in err
        assert "address" not in err
        assert "ZeroDivisionError" in err
        assert "KeyError" in err
        assert "salary" in run("-v", "build", build=Build(bug))[2]


class TestBuild:
    def test_the_result_is_a_line_for_each_source_and_a_summary(self, run, site):
        code, out, err = run("build", build=Build())
        assert code == 0
        assert out == (
            "  desk    1,204 records   12 skipped\n"
            "  cloud ! timed out after 20 s; 3 records, data from 2026-11-24 09:42 (38 minutes old)\n"
            "  new   ! there is no new.json in feeds/; nothing was ever read from it\n"
            "\n"
            "  1,204 tickets (40 open), 3 incidents, 10 services, 9 personal pages\n"
            f"  wrote 51 of 468 pages, removed 2 · {site / 'output'}/ · 2.6 s\n"
            "  3 warnings. Next: statusgen serve --open\n"
        )
        assert err == "warning: 5 tickets have the status '-100'\n"

    def test_json_is_the_interface_that_programs_rely_on(self, run, site):
        code, out, _ = run("--output-format", "json", "build", build=Build())
        told = json.loads(out)
        assert code == 0
        assert list(told) == [
            "pages", "written", "unchanged", "removed", "tickets", "open_tickets", "incidents", "people", "services",
            "sources", "warnings", "seconds", "changed",
        ]  # fmt: skip
        assert all(type(told[key]) is int for key in list(told)[:9])
        assert told["sources"][1] == {
            "name": "cloud", "state": "stale", "records": 3, "skipped": 0, "as_of": "2026-11-24T08:42:00+00:00", "error": "timed out after 20 s",
        }  # fmt: skip
        assert told["sources"][0]["error"] is None
        assert told["sources"][2]["as_of"] is None

    def test_github_gets_annotations_before_the_text(self, run, site):
        _, out, _ = run("--output-format", "github", "build", build=Build())
        assert out.splitlines()[:3] == [
            "::warning title=statusgen::cloud: timed out after 20 s",
            "::warning title=statusgen::new: there is no new.json in feeds/",
            "::warning title=statusgen::5 tickets have the status '-100'",
        ]
        assert "wrote 51 of 468 pages" in out

    def test_github_gets_at_most_ten_and_a_count_of_the_rest(self, run, site):
        """GitHub drops what is beyond ten without a word."""
        _, out, _ = run(
            "--output-format", "github", "build", build=Build(report(sources=(), warnings=tuple(map(str, range(25)))))
        )
        lines = [line for line in out.splitlines() if line.startswith("::")]
        assert len(lines) == 10
        assert lines[-1] == "::warning title=statusgen::and 16 more, see the log"

    @pytest.mark.parametrize(("sources", "code"), [(SOURCES, 3), (SOURCES[:1], 0)])
    def test_strict_fails_what_is_degraded_and_allows_warnings(self, run, site, sources, code):
        assert run("build", "--strict", build=Build(report(sources=sources)))[0] == code
        assert run("build", build=Build(report(sources=sources)))[0] == 0

    def test_flags_reach_the_build(self, run, site):
        build = Build()
        code, *_ = run(
            "--now",
            "2026-05-10T12:00:00Z",
            "--state-dir",
            "memory",
            "build",
            "-o",
            "public",
            "--force",
            "--accept-shrink",
            "desk",
            build=build,
        )
        assert code == 0
        assert build.asked["now"] == datetime(2026, 5, 10, 12, tzinfo=UTC)
        assert build.asked["simulated"] is True
        assert build.asked["output"] == site / "public"
        assert build.asked["state"].place == str(site / "memory")
        assert build.asked["accept_shrink"] == frozenset({"desk"})
        assert build.asked["fresh"] is True

    def test_without_flags_the_configuration_and_the_clock_decide(self, run, site):
        build = Build()
        run("build", build=build)
        assert build.asked["now"] == NOW
        assert build.asked["simulated"] is False
        assert build.asked["output"] == site / "output"
        assert build.asked["state"].place == str(site / ".statusgen")
        assert build.asked["secret"] is None

    def test_a_state_dir_rules_over_the_backend_of_the_configuration(self, run, site):
        (site / "statusgen.toml").write_text(MINIMAL + '[state]\nbackend = "git-branch"\n')
        build = Build()
        assert run("--state-dir", "memory", "build", build=build)[0] == 0
        assert build.asked["state"].place == str(site / "memory")

    def test_a_source_that_is_not_there_cannot_shrink(self, run, site):
        code, _, err = run("build", "--accept-shrink", "dsek", build=Build())
        assert code == 2
        assert "Sources: desk" in err

    def test_progress_is_a_line_for_each_thing_where_no_terminal_is(self, capsys):
        with Progress(Terminal(), on_terminal=False) as progress:
            for name in ("desk", "desk", "pages"):
                progress(name, 1, 2)
        assert capsys.readouterr() == ("", "… desk\n… pages\n")

    @pytest.mark.parametrize("total", [0, 500])
    def test_progress_on_a_terminal_is_drawn_on_stderr_and_cleared_or_finished(self, capsys, total):
        with Progress(Terminal(), on_terminal=True) as progress:
            for done in range(0, 501, 100):
                progress("pages", done, total)
        out, err = capsys.readouterr()
        assert out == ""
        assert "pages" in err
        assert err.endswith("\x1b[K") if total == 0 else True

    def test_quiet_has_no_progress(self, capsys):
        with Progress(Terminal(verbosity=-1), on_terminal=True) as progress:
            progress("pages", 1, 2)
        assert capsys.readouterr() == ("", "")

    @pytest.mark.parametrize(
        ("minutes", "told"),
        [
            (0, "0 minutes old"),
            (1, "1 minute old"),
            (119, "119 minutes old"),
            (180, "3 hours old"),
            (2880, "2 days old"),
        ],
    )
    def test_an_age_is_told_in_one_unit(self, minutes, told):
        assert age_of(timedelta(minutes=minutes)) == told


class TestColor:
    @pytest.mark.parametrize(
        ("choice", "environ", "wanted"),
        [
            ("auto", {}, None),
            ("auto", {"NO_COLOR": "1"}, False),
            ("auto", {"NO_COLOR": ""}, None),
            ("auto", {"FORCE_COLOR": "1"}, True),
            ("auto", {"FORCE_COLOR": "0"}, None),
            ("auto", {"CLICOLOR_FORCE": "1"}, True),
            ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
            ("always", {"NO_COLOR": "1"}, True),
            ("never", {"FORCE_COLOR": "1"}, False),
        ],
    )
    def test_the_flag_rules_then_the_environment_then_the_terminal(self, choice, environ, wanted):
        assert wants_color(choice, environ) is wanted

    def test_color_reaches_the_messages(self, run, site):
        assert "\x1b[31m" in run("--color", "always", "build", build=Build(PublishError("x")))[2]
        assert "\x1b" not in run("build", build=Build(PublishError("x")))[2]


class TestSecrets:
    def vault(self, root, environ=None):
        hidden = []
        return Vault(environ=environ or {}, root=root, hide=hidden.append), hidden

    def test_a_secret_comes_from_the_environment_a_file_or_a_command_and_is_hidden(self, tmp_path):
        (tmp_path / "token.txt").write_text("from-file\n")
        vault, hidden = self.vault(tmp_path, {"DESK": "from-env"})
        command = f"{sys.executable} -c \"print('from-command')\""
        secrets = [Secret(env="DESK"), Secret(file="token.txt"), Secret(command=command)]
        assert [vault.value(one) for one in secrets] == ["from-env", "from-file", "from-command"]
        assert hidden == ["from-env", "from-file", "from-command"]

    @pytest.mark.parametrize(
        "secret",
        [
            Secret(env="DESK"),
            Secret(file="missing.txt"),
            Secret(file="empty.txt"),
            Secret(command="no-such-program-anywhere"),
            Secret(command=f"{sys.executable} -c \"import sys; print('leak'); sys.exit(3)\""),
            Secret(command='unclosed "quote'),
        ],
    )
    def test_a_named_secret_that_is_missing_is_said_without_any_value(self, tmp_path, secret):
        (tmp_path / "empty.txt").write_text(" \n")
        with pytest.raises(SecretError) as wrong:
            self.vault(tmp_path, {"DESK": " "})[0].value(secret)
        assert "leak" not in wrong.value.message

    def test_the_secret_of_personal_pages_reaches_the_build_as_its_bytes(self, run, site):
        build = Build()
        run("build", build=build, environ={"STATUSGEN_SECRET": MASTER})
        assert build.asked["secret"] == bytes(32)

    def test_naming_it_and_not_giving_it_exits_4(self, run, site):
        (site / "statusgen.toml").write_text(MINIMAL + '[privacy]\nsecret = { env = "OUR_SECRET" }\n')
        code, _, err = run("build", build=Build())
        assert code == 4
        assert "OUR_SECRET" in err

    def test_a_malformed_one_exits_4_and_is_not_shown(self, run, site):
        code, out, err = run("build", build=Build(), environ={"STATUSGEN_SECRET": "sgk1_tooshortcanary"})
        assert code == 4
        assert "tooshortcanary" not in out + err

    def test_it_is_not_asked_for_where_personal_pages_are_off(self, run, site):
        (site / "statusgen.toml").write_text(MINIMAL + '[privacy]\nlevel = "off"\nsecret = { env = "OUR_SECRET" }\n')
        assert run("build", build=Build())[0] == 0

    def test_a_secret_is_masked_in_everything_printed_even_in_a_traceback(self, run, site):
        _, out, err = run(
            "-v", "build", build=Build(ZeroDivisionError(f"canary {MASTER}")), environ={"STATUSGEN_SECRET": MASTER}
        )
        assert MASTER not in out + err
        assert "canary ***" in err

    def test_in_actions_a_secret_is_masked_for_the_whole_job(self, run, site):
        _, out, err = run("build", build=Build(), environ={"STATUSGEN_SECRET": MASTER, "GITHUB_ACTIONS": "true"})
        assert f"::add-mask::{MASTER}" in err
        assert MASTER not in out

    def test_control_codes_and_runner_commands_in_messages_are_harmless(self, capsys):
        terminal = Terminal(in_actions=True)
        terminal.result("a\x1b[2Jb\u202ec ##[add-path]/tmp")
        assert capsys.readouterr().out == "a[2Jbc ## [add-path]/tmp\n"


class TestGetting:
    URL = SourceConfig.model_validate(
        {
            "name": "desk",
            "kind": "json",
            "url": "https://desk.example.org/t?key=1",
            "fields": {"number": "n"},
            "headers": {"Authorization": {"env": "AUTH"}},
        }
    )

    def test_offline_asks_no_url_and_reads_files(self, tmp_path):
        (tmp_path / "tickets.csv").write_text("Number\n1\n")
        vault = Vault(environ={}, root=tmp_path, hide=lambda secret: None)
        get = getter(tmp_path, now=NOW, vault=vault, offline=True)
        file = SourceConfig.model_validate(
            {"name": "f", "kind": "csv", "path": "tickets.csv", "fields": {"number": "Number"}}
        )
        assert get(file).files == {"tickets.csv": b"Number\n1\n"}
        with pytest.raises(SourceError) as wrong:
            get(self.URL)
        assert "--offline" in wrong.value.message
        assert "key=1" not in wrong.value.message

    def test_a_header_whose_secret_is_missing_stops_the_build_and_not_only_the_source(self, tmp_path):
        vault = Vault(environ={}, root=tmp_path, hide=lambda secret: None)
        with pytest.raises(SecretError):
            getter(tmp_path, now=NOW, vault=vault)(self.URL)

    def test_a_preview_asks_a_url_again_only_after_a_while(self):
        calls = []

        def get(source):
            calls.append(source.name)
            return Fetched(files={"t": str(len(calls)).encode()}, as_of=NOW)

        answers = Answers(keep=timedelta(minutes=15))
        for minute in (0, 5, 14, 15):
            last = answers.reused(get, NOW + timedelta(minutes=minute))(self.URL)
        assert len(calls) == 2
        assert last.files == {"t": b"2"}


class TestInit:
    def test_the_sample_site_builds_and_checks_without_an_error(self, run, tmp_path):
        assert run("init")[0] == 0
        code, out, err = run("--output-format", "json", "build")
        assert (code, "error" in err) == (0, False), err
        told = json.loads(out)
        assert (told["tickets"], told["open_tickets"], told["incidents"], told["services"]) == (4, 3, 1, 1)
        assert {source["state"] for source in told["sources"]} == {"ok"}
        assert (tmp_path / "output/index.html").is_file()
        code, out, _ = run("check", "--links")
        assert (code, out.startswith("ok:")) == (0, True), out

    def test_the_configuration_names_its_schema_and_fits_it(self, run, tmp_path):
        run("init")
        text = (tmp_path / "statusgen.toml").read_text()
        assert text.startswith("#:schema ./statusgen.schema.json\n")
        jsonschema.validate(tomllib.loads(text), json.loads((tmp_path / "statusgen.schema.json").read_text()))

    def test_it_says_the_next_three_steps(self, run):
        out = run("init", "it-status")[1]
        assert re.findall(r"^  (\d)\.", out, re.MULTILINE) == ["1", "2", "3"]
        assert "cd it-status && statusgen serve --open" in out

    def test_it_overwrites_nothing_unless_forced(self, run, tmp_path):
        (tmp_path / "statusgen.toml").write_text("mine")
        code, _, err = run("init")
        assert code == 2
        assert "statusgen.toml" in err
        assert [path.name for path in tmp_path.iterdir()] == ["statusgen.toml"]
        assert (tmp_path / "statusgen.toml").read_text() == "mine"
        assert run("init", "--force")[0] == 0
        assert (tmp_path / "statusgen.toml").read_text() != "mine"

    def test_its_days_lie_round_today(self, run, tmp_path):
        run("init", clock=datetime(2031, 3, 1, 8, tzinfo=UTC))
        assert "started: 2031-02-28T09:20Z" in (tmp_path / "content/incidents/slow-mail.md").read_text()
        assert not [path for path in tmp_path.rglob("*") if path.is_file() and "{day" in path.read_text()]

    def test_what_is_built_stays_out_of_version_control(self, run, tmp_path):
        run("init")
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
        run("build")
        done = subprocess.run(
            ["git", "-C", str(tmp_path), "status", "--porcelain", "-uall"], capture_output=True, text=True, check=True
        )
        assert set(done.stdout.split()) == {
            "??", ".gitignore", "content/incidents/slow-mail.md", "content/pages/opening-hours.md", "content/planned/mail-move.md",
            "content/services/mail.md", "feeds/tickets.csv", "statusgen.schema.json", "statusgen.toml",
        }  # fmt: skip


@given(st.text(max_size=120))
def test_every_title_gives_a_plain_id(title):
    assert re.fullmatch(r"|[a-z0-9](-?[a-z0-9])*", slug(title))
    assert len(slug(title)) <= 48


class TestContent:
    @pytest.fixture(autouse=True)
    def sample(self, sample_site, tmp_path):
        shutil.copytree(sample_site, tmp_path, dirs_exist_ok=True)

    @pytest.mark.parametrize(
        ("kind", "folder"), [("incident", "incidents"), ("planned", "planned"), ("service", "services")]
    )
    def test_new_writes_a_file_that_reads_well_and_prints_its_path(self, run, tmp_path, kind, folder):
        code, out, _ = run("new", kind, "Printing is down: Harbour", "-s", "mail")
        path = tmp_path / f"content/{folder}/printing-is-down-harbour.md"
        assert (code, out) == (0, f"{path}\n")
        assert path.read_text().startswith("---\n")
        assert run("check")[0] == 0, run("check")[1]

    def test_new_never_overwrites(self, run, tmp_path):
        path = tmp_path / "content/incidents/slow-mail.md"
        before = path.read_text()
        code, _, err = run("new", "incident", "Slow mail")
        assert code == 2
        assert "is there already" in err
        assert path.read_text() == before

    def test_new_refuses_a_service_that_does_not_exist(self, run):
        code, _, err = run("new", "incident", "x", "-s", "mial")
        assert code == 2
        assert "did you mean `mail`?" in err

    def test_an_update_is_added_and_shown(self, run, tmp_path):
        code, out, _ = run("update", "slow-mail", "The queue is empty.", "--stage", "resolved", "--author", "Robin")
        path = tmp_path / "content/incidents/slow-mail.md"
        assert (code, out) == (0, f"{path}\n")
        assert "## Resolved, 2026-11-24 09:20, Robin\nThe queue is empty.\n" in path.read_text()
        assert run("check")[0] == 0

    def test_an_update_that_puts_people_off_is_written_and_told_what_would_be_better(self, run, tmp_path):
        code, _, err = run("update", "slow-mail", "We work on it as soon as possible.")
        assert code == 0
        assert "warning: “as soon as possible”: Give a date." in err
        assert "as soon as possible" in next(tmp_path.rglob("slow-mail.md")).read_text("utf-8")

    def test_an_update_can_be_piped_in(self, run, tmp_path):
        assert run("update", "slow-mail", stdin="Two lines\nof news.\n")[0] == 0
        assert "Two lines\nof news.\n" in (tmp_path / "content/incidents/slow-mail.md").read_text()

    def test_an_update_without_words_is_refused(self, run):
        assert run("update", "slow-mail", stdin=" \n")[0] == 2

    def test_an_update_of_something_unknown_says_what_there_is(self, run):
        code, _, err = run("update", "slow-mial", "x")
        assert code == 2
        assert "did you mean `slow-mail`?" in err

    def test_a_stage_that_does_not_fit_is_refused(self, run):
        code, _, err = run("update", "mail-move", "x", "--stage", "investigating")
        assert code == 2
        assert "scheduled, in_progress" in err


EVENTS = """\
number,status,updated,opened,caller,category
INC1,New,2026-11-16T09:00:00Z,2026-11-16T09:00:00Z,ana,Mail
INC1,Active,2026-11-17T09:00:00Z,2026-11-16T09:00:00Z,ana,Mail
INC1,Resolved,2026-11-20T09:00:00Z,2026-11-16T09:00:00Z,ana,Mail
INC2,New,2026-11-18T09:00:00Z,2026-11-18T09:00:00Z,ben,Print
INC2,Odd word,2026-11-18T10:00:00Z,2026-11-18T09:00:00Z,ben,Print
"""
EVENTS_CONFIG = """\
config-version = 1
site = { title = "IT status" }
services = [{ id = "mail", name = "E-mail" }]
privacy = { level = "unlisted", hosting = "private" }
[[sources]]
name = "log"
kind = "csv"
path = "log.csv"
shape = "events"
fields = { number = "number", status = "status", updated-at = "updated", opened-at = "opened", requester = "caller", category = "category" }
status = { received = ["New"], in_progress = ["Active"], resolved = ["Resolved"] }
services = [{ service = "mail", when = { category = "Mail*" } }]
"""


class TestWhy:
    @pytest.fixture(autouse=True)
    def built(self, log_site, tmp_path):
        shutil.copytree(log_site, tmp_path, dirs_exist_ok=True)

    def why(self, run, *words, now=()):
        code, out, err = run(*now, "--output-format", "json", "why", *words, environ={"STATUSGEN_SECRET": MASTER})
        assert code == 0, err
        return json.loads(out)

    def test_it_tells_every_fact_and_where_each_came_from(self, run, tmp_path):
        told = self.why(run, "INC1")
        page = told.pop("requester_page")
        origins = told.pop("from")
        assert told == {
            "number": "INC1",
            "source": "log",
            "milestone": "in_progress",
            "milestones": [
                {"milestone": "received", "at": "2026-11-16T09:00:00+00:00", "quiet": False},
                {"milestone": "in_progress", "at": "2026-11-17T09:00:00+00:00", "quiet": False},
            ],
            "waiting_on": "us",
            "promise": None,
            "last_told_at": "2026-11-17T09:00:00+00:00",
            "silent_working_hours": 23.0,
            "services": ["mail"],
        }
        assert (tmp_path / "output" / page / "index.html").is_file()
        assert set(origins) == {*told, "requester_page"} - {"number", "source"}
        assert "'Active' by [sources.status]" in origins["milestone"]
        assert "rule 1 of [[sources.services]]" in origins["services"]

    def test_a_promise_from_the_policy_is_marked_as_computed(self, run):
        told = self.why(run, "INC2")
        assert told["promise"] == {
            "by": "2026-11-20T09:00:00+00:00",
            "made_at": "2026-11-18T09:00:00+00:00",
            "state": "open",
            "computed": True,
        }
        assert "priority 3: 2d of working time" in told["from"]["promise"]

    def test_a_word_that_nobody_mapped_is_named(self, run):
        told = self.why(run, "INC2")
        assert told["milestone"] == "received"
        assert "'Odd word', is not in it and changes nothing" in told["from"]["milestone"]

    def test_several_tickets_come_back_as_a_list(self, run):
        assert [one["number"] for one in self.why(run, "INC2", "log/INC1")] == ["INC2", "INC1"]

    def test_it_answers_as_of_the_last_build_unless_told_otherwise(self, run):
        """What it explains is what the page says, whatever the clock says."""
        assert self.why(run, "INC1")["silent_working_hours"] == 23.0
        assert self.why(run, "INC1", now=("--now", "2026-11-19T13:00:00Z"))["silent_working_hours"] == 24.0

    def test_state_newer_than_now_is_not_read(self, run):
        code, _, err = run("--now", "2026-11-01T00:00:00Z", "why", "INC1")
        assert code == 2
        assert "neither read nor written" in err

    def test_text_names_the_facts_and_their_origins(self, run):
        code, out, _ = run("why", "INC1", environ={"STATUSGEN_SECRET": MASTER})
        assert code == 0
        assert out.startswith("INC1")
        assert "Tue 2026-11-17 09:00  in_progress" in out
        assert "from: status word 'Active'" in out

    @pytest.mark.parametrize(("wanted", "near"), [("inc1", "INC1"), ("INC11", "INC1"), ("zzz", "2 tickets")])
    def test_an_unknown_ticket_is_answered_with_close_ones(self, run, wanted, near):
        code, _, err = run("why", wanted, environ={"STATUSGEN_SECRET": MASTER})
        assert code == 2
        assert near in err

    def test_without_the_secret_it_says_that_state_is_sealed(self, run):
        code, _, err = run("why", "INC1")
        assert code == 2
        assert "sealed" in err
        assert "STATUSGEN_SECRET" in err

    def test_before_any_build_it_says_to_build(self, run):
        code, _, err = run("--state-dir", "elsewhere", "why", "INC1")
        assert code == 2
        assert "`statusgen build`" in err

    def test_a_number_in_two_sources_must_say_which(self, run, tmp_path):
        second = EVENTS_CONFIG[EVENTS_CONFIG.index("[[sources]]") :].replace('"log"', '"other"')
        write(tmp_path, {"statusgen.toml": EVENTS_CONFIG + second})
        run("--now", "2026-11-19T12:00:00Z", "build")
        code, _, err = run("why", "INC1")
        assert code == 2
        assert "log/INC1, other/INC1" in err
        assert self.why(run, "other/INC1")["source"] == "other"

    def test_without_personal_pages_it_says_why_there_is_no_page(self, run):
        run("--now", "2026-11-19T12:00:00Z", "--state-dir", "clear", "build")
        _, out, _ = run("--state-dir", "clear", "--output-format", "json", "why", "INC1")
        told = json.loads(out)
        assert told["requester_page"] is None
        assert "no secret" in told["from"]["requester_page"]


class TestCheck:
    @pytest.fixture(autouse=True)
    def sample(self, sample_site, tmp_path):
        shutil.copytree(sample_site, tmp_path, dirs_exist_ok=True)

    def check(self, run, *words):
        code, out, _ = run("--output-format", "json", "check", *words)
        told = json.loads(out)
        return code, [one["text"] for one in told["errors"]], [one["text"] for one in told["warnings"]]

    def test_a_good_site_is_ok(self, run):
        assert run("check", "--strict")[:2] == (0, "ok: 1 source, 1 service, nothing wrong found\n")

    def test_a_mistake_in_content_is_an_error_with_its_file_and_line(self, run, tmp_path):
        path = tmp_path / "content/incidents/slow-mail.md"
        path.write_text(path.read_text().replace("started: ", "started: soon "))
        code, errors, _ = self.check(run)
        assert code == 2
        assert re.search(r"content/incidents/slow-mail\.md:\d+: ", errors[0])

    def test_a_bad_row_of_a_feed_is_a_warning_and_fails_only_when_strict(self, run, tmp_path):
        with (tmp_path / "feeds/tickets.csv").open("a") as feed:
            feed.write("INC-1005,No time,New,r.sample,last week,E-mail\n")
        code, errors, warnings = self.check(run)
        assert (code, errors) == (0, [])
        assert "row 6: opened-at is no time" in warnings[0]
        assert self.check(run, "--strict")[0] == 3

    def test_all_problems_come_at_once(self, run, tmp_path):
        (tmp_path / "feeds/tickets.csv").unlink()
        config = (tmp_path / "statusgen.toml").read_text()
        more = '[calendar]\nholidays = "missing.ics"\n[people]\npath = "people.csv"\n'
        (tmp_path / "statusgen.toml").write_text(config.replace("[[services]]", more + "[[services]]"))
        incident = tmp_path / "content/incidents/slow-mail.md"
        incident.write_text(incident.read_text().replace("mail: degraded", "mial: degraded"))
        code, errors, warnings = self.check(run)
        assert code == 2
        assert len(errors) == 3
        for word in ("tickets.csv", "missing.ics", "people.csv"):
            assert any(word in error for error in errors), word
        assert any("slow-mail.md:3: there is no service 'mial'" in warning for warning in warnings)

    def test_a_service_that_only_the_setting_of_a_feed_names_does_not_exist(self, run, tmp_path):
        feed = '[[services]]\nid = "mail"\nname = "E-mail"\n[[sources]]\nname = "cloud"\nkind = "feed"\npath = "f.rss"\nservice = '
        rss = "<rss version='2.0'><channel><title>x</title></channel></rss>"
        write(tmp_path, {"statusgen.toml": f"[site]\ntitle = 'x'\n{feed}'mial'", "f.rss": rss})
        code, out, _ = run("check")
        assert code == 2
        assert "cloud: `service` names the service 'mial', which does not exist" in out
        assert "did you mean `mail`?" in out
        write(tmp_path, {"statusgen.toml": f"[site]\ntitle = 'x'\n{feed}'mail'"})
        assert run("check")[0] == 0

    def test_a_wrong_configuration_is_all_that_can_be_checked(self, run, tmp_path):
        config = (tmp_path / "statusgen.toml").read_text()
        (tmp_path / "statusgen.toml").write_text(config.replace('service = "mail"', 'service = "mial"'))
        code, errors, _ = self.check(run)
        assert (code, len(errors)) == (2, 1)
        assert "did you mean `mail`?" in errors[0]
        assert run("check")[1].rstrip().splitlines()[-1].startswith("1 problem in "), "counted once"

    def test_a_service_of_the_list_of_people_that_nobody_describes_is_a_warning(self, run, tmp_path):
        with (tmp_path / "statusgen.toml").open("a") as config:
            config.write('\n[people]\npath = "people.csv"\n')
        write(tmp_path, {"people.csv": "id,services\nr.sample,mail mial\n"})
        code, errors, warnings = self.check(run)
        assert (code, errors, len(warnings)) == (0, [], 1)
        assert "people.csv: somebody is to hear of the service 'mial', which nobody describes" in warnings[0]

    def test_a_theme_that_does_not_compile_is_an_error_with_its_line(self, run, tmp_path):
        config = (tmp_path / "statusgen.toml").read_text()
        (tmp_path / "statusgen.toml").write_text(config.replace("[site]", '[site]\ntheme = "ours"'))
        write(tmp_path, {"themes/ours/templates/home.html": "<h1>\n{% if %}\n</h1>"})
        code, errors, _ = self.check(run)
        assert code == 2
        assert "home.html" in errors[0]
        assert "2" in errors[0]

    def test_a_link_that_leads_nowhere_is_found_in_the_built_site(self, run, tmp_path):
        run("build")
        assert self.check(run, "--links")[0] == 0
        (tmp_path / "output/incidents/slow-mail/index.html").unlink()
        code, errors, _ = self.check(run, "--links")
        assert code == 2
        assert "incidents/slow-mail/ leads nowhere" in errors[0]

    def test_links_of_a_site_that_was_not_built_cannot_be_checked(self, run):
        code, _, err = run("check", "--links")
        assert code == 2
        assert "`statusgen build`" in err

    def test_github_gets_an_annotation_for_each(self, run, tmp_path):
        (tmp_path / "feeds/tickets.csv").unlink()
        _, out, _ = run("--output-format", "github", "check")
        assert out.startswith("::error title=statusgen::desk: there is no tickets.csv")


class TestLinks:
    def test_each_kind_of_broken_link_is_told_and_good_ones_are_not(self, tmp_path):
        good = '<a href="a/">a</a><a href="a/#u1">u1</a><a href="#top">t</a><a href="https://example.org/x">e</a><a href="mailto:a@b">m</a>'
        write(
            tmp_path,
            {
                "index.html": good,
                "a/index.html": '<p id="u1">\n<a href="../b/">b</a><a href="#u2">u2</a><a href="../../x">x</a><img src="i.png">',
            },
        )
        assert list(broken(tmp_path, "/it/")) == [
            "a/index.html:2: ../b/ leads nowhere",
            "a/index.html:2: #u2 names a place that is not on that page: #u2",
            "a/index.html:2: ../../x leaves the site, whose root is /it/",
            "a/index.html:2: i.png leads nowhere",
        ]


class TestPrinting:
    def test_the_schema_is_one(self, run):
        code, out, _ = run("schema", "config")
        assert code == 0
        jsonschema.Draft202012Validator.check_schema(json.loads(out))
        assert json.loads(out) == json.loads(json.dumps(configs.schema()))

    def test_the_help_of_completion_has_a_line_for_each_shell(self, run):
        _, out, _ = run("completion", "--help")
        lines = [line.strip() for line in out.splitlines()]
        assert "zsh:   statusgen completion zsh >> ~/.zshrc" in lines

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_completion_is_a_script_for_that_shell(self, run, shell):
        code, out, _ = run("completion", shell)
        assert code == 0
        assert "_STATUSGEN_COMPLETE" in out

    def test_a_terminal_that_cannot_print_every_letter_gets_what_it_can(self, site):
        """An old locale is no bug, and JSON stays JSON."""
        (site / "tickets.csv").write_text("Number\n1\n")
        environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
        for words in (["why", "é"], ["--output-format", "json", "why", "é"]):
            done = subprocess.run(
                [sys.executable, "-m", "statusgen", *words], cwd=site, env=environ, capture_output=True, check=False
            )
            assert done.returncode == 2
            assert b"Traceback" not in done.stderr
            assert b"json" not in words or json.loads(done.stdout)["error"]

    def test_who_stops_reading_gets_no_complaint(self, tmp_path):
        script = f"{sys.executable} -m statusgen schema config | head -n 1"
        done = subprocess.run(script, shell=True, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("{\n", "")

    def test_the_shell_gets_commands_and_options_completed(self, run, monkeypatch):
        monkeypatch.setenv("COMP_WORDS", "statusgen bui")
        monkeypatch.setenv("COMP_CWORD", "1")
        _, out, _ = run(environ={"_STATUSGEN_COMPLETE": "bash_complete"})
        assert out.split() == ["plain,build"]
