"""Tables: CSV, JSON and JSON Lines in every form that exports come in; what is broken is an error that says what to do."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.errors import SourceError
from statusgen.sources.tables import Row, Table, read_csv, read_json, read_jsonl

WANTED = {"number": "Number", "title": "Subject"}
ROWS = [["INC-1", "Café, then; tea\tor coffee"], ["INC-2", 'She said "no"\nand left'], ["INC-3", ""]]


def written(rows: list[list[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(
        [["Number", "Extra", "Subject"], *([n, "x", s] for n, s in rows)]
    )
    return text.getvalue()


def cells(table: Table) -> list[Row | str]:
    return [row for _, row in table.rows]


def failed(data: bytes, wanted: dict[str, str] = WANTED) -> SourceError:
    with pytest.raises(SourceError) as caught:
        list(read_csv("tickets.csv", data, wanted).rows)
    assert caught.value.help
    return caught.value


# ---- CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-bom"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_delimiter_encoding_and_line_end_that_exports_have(delimiter: str, encoding: str, end: str) -> None:
    text = written(ROWS, delimiter, end)
    data = b"\xfe\xff" + text.encode("utf-16-be") if encoding == "utf-16-be-bom" else text.encode(encoding)
    table = read_csv("tickets.csv", data, WANTED)
    assert cells(table) == ROWS
    assert table.notes == ()


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2), max_size=5
    ),
    st.sampled_from(",;\t"),
)
def test_what_a_csv_writer_wrote_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    assert cells(read_csv("t.csv", written(rows, delimiter).encode(), WANTED)) == rows


def test_a_delimiter_inside_quotes_does_not_count() -> None:
    data = b'"Last, first, middle, initial";Number;Subject\nx;INC-1;Mail\n'
    assert cells(read_csv("t.csv", data, WANTED)) == [["INC-1", "Mail"]]


def test_what_excel_writes_before_the_header_is_read() -> None:
    assert cells(read_csv("t.csv", b"sep=;\r\nNumber;Subject\r\nINC-1;Mail\r\n", WANTED)) == [["INC-1", "Mail"]]


def test_names_of_columns_are_trimmed_and_empty_lines_do_not_matter() -> None:
    data = b"\r\n\r\n Number ,\xc2\xa0Subject\r\n\r\nINC-1,Mail\r\n\r\n"
    assert cells(read_csv("t.csv", data, WANTED)) == [["INC-1", "Mail"]]


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    data = b'Number,Subject\nINC-1,"two\nlines"\n\nINC-2,b\nINC-3\n'
    assert [number for number, _ in read_csv("t.csv", data, WANTED).rows] == [2, 4, 5]


def test_a_row_with_too_few_or_too_many_cells_is_bad_and_only_that_row() -> None:
    data = b"Number,Subject\nINC-1\nINC-2,a,b\nINC-3,c\nINC-4,d,,\n"
    assert cells(read_csv("t.csv", data, WANTED)) == [
        "it has 1 cells where the header has 2",
        "it has 3 cells where the header has 2",
        ["INC-3", "c"],
        ["INC-4", "d"],
    ]


def test_a_quote_that_is_never_closed_loses_no_row_in_silence() -> None:
    lines = ["Number,Subject", "INC-1,a", 'INC-2,"b', "INC-3,c", "INC-4,d"]
    for end in ("\n", ""):
        bad = "a quote is opened and never closed"
        found = list(read_csv("t.csv", ("\n".join(lines) + end).encode(), WANTED).rows)
        assert found == [(2, ["INC-1", "a"]), (3, bad), (4, bad), (5, bad)]


def test_a_cell_of_a_megabyte_is_a_bad_row() -> None:
    data = b"Number,Subject\nINC-1," + b"x" * 1_100_000 + b"\nINC-2,b\n"
    first, second = cells(read_csv("t.csv", data, WANTED))
    assert isinstance(first, str)
    assert "no CSV" in first
    assert second == ["INC-2", "b"]


def test_windows_1252_is_read_and_said() -> None:
    table = read_csv("t.csv", "Number,Subject\nINC-1,Café €\n".encode("cp1252"), WANTED)
    assert cells(table) == [["INC-1", "Café €"]]
    (note,) = table.notes
    assert "not UTF-8" in note
    assert "Windows-1252" in note


def test_utf8_with_a_damaged_byte_stays_utf8() -> None:
    data = "Number,Subject\nINC-1,Café\nINC-2,Crème brûlée\n".encode().replace(b"INC-2", b"INC\xff2")
    table = read_csv("t.csv", b"\xef\xbb\xbf" + data, WANTED)
    assert cells(table) == [["INC-1", "Café"], ["INC\ufffd2", "Crème brûlée"]]
    assert "not UTF-8 everywhere (byte 33 is 0xff, 1 in all)" in table.notes[0]


@pytest.mark.parametrize("data", [b"", b"\n\n  ", b"\xef\xbb\xbf", b"\xff\xfe\n\x00"], ids=repr)
def test_an_empty_file_is_an_error_and_not_no_tickets(data: bytes) -> None:
    assert "tickets.csv is empty" in failed(data).message


def test_a_header_alone_is_no_tickets() -> None:
    assert cells(read_csv("t.csv", b"Number,Subject\n", WANTED)) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html>\n<html>Sign in</html>", "is a web page"),
        (b"\xef\xbb\xbf  <HTML><body>", "is a web page"),
        ("Number,Subject\nINC-1,é".encode()[:-1], "cut off in the middle of a character"),
        ("Number,Subject\n".encode("utf-16")[:-1], "cut off in the middle of a character"),
        ("Number,Subject\n".encode("utf-16-le"), "holds zero bytes"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "holds zero bytes"),
        (b"PK\x05\x06\x00\x00", "holds zero bytes"),
        (b'"Number,Subject\nINC-1,a\n', "quote in its first row is never closed"),
        (b"x" * 2_000_000, "is no CSV"),
    ],
)
def test_what_is_no_csv_is_said(data: bytes, words: str) -> None:
    assert words in failed(data).message


def test_a_renamed_column_names_it_what_is_there_and_what_to_change() -> None:
    error = failed(b"Nummer,Subject,State\nINC-1,Mail,New\n")
    assert error.message == "tickets.csv has no column 'Number', which [sources.fields] number names"
    assert "Its columns are 'Nummer', 'Subject', 'State'." in error.help
    assert "Did you mean to set `number` to 'Nummer'?" in error.help


def test_all_missing_columns_are_named_at_once() -> None:
    error = failed(b"a,b\nINC-1,Mail\n", {"number": "Number", "requester_email": "E-mail", "title": "b"})
    assert (
        "'Number', which [sources.fields] number names, 'E-mail', which [sources.fields] requester-email names"
        in error.message
    )
    assert "Set `number`, `requester-email` to the right one" in error.help


def test_a_file_without_a_header_shows_nothing_of_its_first_row() -> None:
    error = failed(b"INC-1,ana.canary@example.org,Salary of Ana Canary\n")
    assert "looks like data" in error.help
    assert "anary" not in error.message + error.help


def test_what_may_be_a_row_of_names_is_not_shown_as_a_header_either() -> None:
    error = failed(b"Ana Canary,mouse,New\nBo,screen,Active\n")
    assert "see whether it is a header" in error.help
    assert "anary" not in error.message + error.help


def test_a_column_that_is_there_twice_cannot_be_told_apart() -> None:
    assert "'Subject' more than once" in failed(b"Number,Subject,Subject\nINC-1,a,b\n").message
    assert cells(read_csv("t.csv", b"Number,x,x,Subject\nINC-1,a,b,c\n", WANTED)) == [["INC-1", "c"]]


@settings(max_examples=150)
@given(st.binary(max_size=60) | st.text(alphabet='Number,Subject"\n\r;\té\0', max_size=60).map(str.encode))
def test_no_bytes_can_make_anything_but_rows_or_a_source_error(data: bytes) -> None:
    for read in (
        lambda: read_csv("t", data, WANTED),
        lambda: read_csv("t", b"Number,Subject\n" + data, WANTED),
        lambda: read_json("t", data, WANTED, ""),
        lambda: read_jsonl("t", data, WANTED),
    ):
        try:
            rows = cells(read())
        except SourceError as error:
            said = error.help
        else:
            said = "fine"
            assert all(isinstance(row, str) or len(row) == 2 for row in rows)
        assert said


# ---- JSON


def objects(data: Any, items: str = "", wanted: dict[str, str] = WANTED) -> Table:
    text = data if isinstance(data, str) else json.dumps(data)
    return read_json("tickets.json", text.encode("utf-8", "surrogatepass"), wanted, items)


def json_failed(data: Any, items: str = "", wanted: dict[str, str] = WANTED) -> SourceError:
    with pytest.raises(SourceError) as caught:
        list(objects(data, items, wanted).rows)
    assert caught.value.help
    return caught.value


def test_a_list_at_the_top_or_at_its_path_with_dotted_columns() -> None:
    tickets = [{"Number": 7, "caller": {"mail": "ana@example.org"}, "tags": ["a", "b"], "a.b": True}]
    wanted = {"number": "Number", "requester_email": "caller.mail", "category": "tags.1", "update_public": "a.b"}
    for data, items in ((tickets, ""), ({"result": {"items": tickets}}, "result.items")):
        assert cells(objects(data, items, wanted)) == [["7", "ana@example.org", "b", "true"]]


@pytest.mark.parametrize(("value", "text"), [(None, ""), ({}, ""), ([], ""), (False, "false"), (1.5, "1.5"), (0, "0")])
def test_values_become_text(value: Any, text: str) -> None:
    assert cells(objects([{"Number": "1", "Subject": value}])) == [["1", text]]


def test_an_empty_list_is_no_tickets() -> None:
    assert cells(objects([])) == []


def test_a_list_that_is_elsewhere_is_found() -> None:
    error = json_failed({"count": 1, "result": []}, "items")
    assert error.message == "tickets.json has no list at `items` 'items'"
    assert error.help == "Set `items` to 'result'."
    assert "at its top" in json_failed({"error": "no rights"}).message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"Number": 1}, {"Num', "is no whole JSON at line 1"),
        ('[{"Number": 1, "Number": 2}]', "the key 'Number' stands twice"),
        ('[{"Number": NaN}]', "NaN is no JSON"),
        ('[{"Number": -Infinity}]', "-Infinity is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"Number": ' + "9" * 5000 + "}]", "is no whole JSON"),
        ("<html>", "is a web page"),
        ("", "is empty"),
        ('["INC-1", 2]', "holds no JSON objects"),
    ],
)
def test_json_that_is_broken_or_ambiguous_is_refused(text: str, words: str) -> None:
    assert words in json_failed(text).message


def test_many_keys_of_which_the_last_is_there_twice_take_no_time() -> None:
    text = "[{" + ",".join(f'"k{number}": 1' for number in range(50_000)) + ', "k49999": 1}]'
    assert "'k49999' stands twice" in json_failed(text).message


def test_a_renamed_key_that_tickets_need_is_an_error_with_the_keys_that_are_there() -> None:
    wanted = {"number": "Number", "requester_email": "caller.mail"}
    error = json_failed([{"Number": 1, "caller": {"e_mail": "x"}}], wanted=wanted)
    assert "has no column 'caller.mail', which [sources.fields] requester-email names" in error.message
    assert "Did you mean to set `requester-email` to 'caller.e_mail'?" in error.help


def test_a_key_that_no_ticket_has_today_is_only_said() -> None:
    """Many systems leave out what has no value: a quiet day is no broken feed."""
    table = objects([{"Number": 1}])
    assert cells(table) == [["1", ""]]
    assert "no record has 'Subject' (title)" in table.notes[0]


def test_a_key_that_only_the_last_ticket_has_is_there() -> None:
    table = objects([*({"Number": number} for number in range(300)), {"Number": 300, "Subject": "Mail"}])
    assert table.notes == ()


def test_what_is_no_object_is_a_bad_record() -> None:
    assert cells(objects([{"Number": 1, "Subject": "a"}, "INC-2", None])) == [["1", "a"], *["it is no JSON object"] * 2]


# ---- JSON Lines


def lines(text: str) -> Table:
    return read_jsonl("tickets.jsonl", text.encode(), WANTED)


def test_one_object_a_line_and_empty_lines_do_not_count() -> None:
    text = '{"Number": 1, "Subject": "a"}\r\n\n{"Number": 2, "Subject": "b"}'
    assert list(lines(text).rows) == [(1, ["1", "a"]), (3, ["2", "b"])]


def test_a_line_separator_inside_a_string_ends_no_line() -> None:
    assert cells(lines('{"Number": 1, "Subject": "a\u2028b\u0085c"}\n')) == [["1", "a\u2028b\u0085c"]]


@pytest.mark.parametrize("bad", ["{", "[]", '{"a": 1, "a": 2}', '{"a": NaN}', "7", "[" * 100_000])
def test_a_bad_line_is_a_bad_record(bad: str) -> None:
    assert cells(lines(f'{bad}\n{{"Number": 2, "Subject": "b"}}\n')) == ["it is no JSON object", ["2", "b"]]


def test_a_last_line_that_is_cut_off_is_a_broken_file() -> None:
    with pytest.raises(SourceError, match="is no whole JSON") as caught:
        lines('{"Number": 1, "Subject": "a"}\n{"Number": 2, "Subj')
    assert "cut off" in caught.value.help
