"""Without a mail server: letters are files in a folder that only their owner opens, and that is never published."""

from __future__ import annotations

import pytest

from statusgen.errors import MailError, UsageError
from statusgen.outbox.folder import FolderWay, check_folder
from tests.faults import FULL, FaultyFiles
from tests.postbox import letter, send

HTML = b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<!doctype html><p>caf\xc3\xa9\r\n"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_only_its_owner_opens_it(tmp_path):
    folder = tmp_path / "mail"
    folder.mkdir(mode=0o755)
    send(tmp_path, {"folder": FolderWay(folder)}, letter("ana", channel="folder"))
    (page,) = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert page.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", ["output/mail", "output", ".statusgen/mail", "."])
def test_mail_is_never_published_nor_swept_up(tmp_path, place):
    with pytest.raises(UsageError, match="cannot hold mail"):
        check_folder(tmp_path / place, [tmp_path / "output", tmp_path / ".statusgen"])
    check_folder(tmp_path / "mail", [tmp_path / "output", tmp_path / ".statusgen"])


def test_as_a_channel_each_letter_is_written_once_and_stays(tmp_path):
    folder = tmp_path / "mail"
    way = {"folder": FolderWay(folder)}
    one, other = letter("ana", channel="folder"), letter("bo", channel="folder", content=HTML)
    assert send(tmp_path, way, one, other).sent == 2
    assert len(names(folder)) == 3
    (page,) = folder.glob("*.html")
    assert page.read_text() == "<!doctype html><p>café\n"
    for name in names(folder):
        (folder / name).unlink()
    assert send(tmp_path, way, one, other).sent == 0
    assert not names(folder)


def test_a_full_disk_is_said_and_the_letter_waits(tmp_path):
    way = {"folder": FolderWay(tmp_path / "mail", files=FaultyFiles(at=0, how=FULL))}
    with pytest.raises(MailError, match="could not be written"):
        send(tmp_path, way, letter("ana", channel="folder"))
    assert send(tmp_path, {"folder": FolderWay(tmp_path / "mail")}).sent == 1
    assert names(tmp_path / "mail")
