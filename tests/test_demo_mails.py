"""What `make demo` leaves in mail/: one mail of each kind that there is, as it is sent and as a page."""

from __future__ import annotations

import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

from statusgen.views.message import MessageKind
from tests.paths import PROJECT


def test_the_demo_has_one_mail_of_each_kind_and_a_page_that_leads_to_all(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(PROJECT / ".ci" / "demo_mails.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "missing" not in done.stdout
    index = (tmp_path / "index.html").read_text("utf-8")
    for kind in MessageKind:
        name = f"preview-{kind}-01"
        mail = message_from_bytes((tmp_path / f"{name}.eml").read_bytes(), policy=policy.default)
        said = mail["Subject"].partition(" [")[0]  # what an answer must carry stands in brackets behind it
        assert 0 < len(said) <= 80, said
        assert f'href="{name}.html"' in index
        assert (tmp_path / f"{name}.html").is_file()
    assert tmp_path.stat().st_mode & 0o777 == tmp_path.stat().st_mode & 0o700, "only its owner may look inside"
