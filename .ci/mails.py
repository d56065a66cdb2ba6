"""Pictures of mail, to be looked at: each kind in Chromium at 600, 375 and 320 px, by day and in the dark, in English, Dutch, Arabic.

    .ci/mails.py FOLDER [NAME ...]

The messages are those that digests and notices write of the demo and of an invented desk. Exits with 1 where one is wider than its
window.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import letters, real_mails
from tests.browsers import chromium

WIDTHS = (600, 375, 320)
MODES = ("light", "dark")
LANGUAGES = ("en", "nl", "ar")


def mails(names: list[str]) -> Iterator[tuple[str, str]]:
    """The name and the HTML of each mail, as it leaves."""
    for language in LANGUAGES:
        for name, message in real_mails.one_of_each(language).items():
            if not names or name in names:
                mail = message_from_bytes(letters.letter(message).content, policy=policy.default)
                part = mail.get_body(("html",)) if isinstance(mail, EmailMessage) else None
                yield f"{name}.{language}", part.get_content() if part else ""


def main(folder: Path, names: list[str]) -> int:
    """Take the pictures; the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [*mails(names)]
    wide = []
    with chromium() as browser:
        for width in WIDTHS:
            for mode in MODES:
                context = browser.new_context(viewport={"width": width, "height": 600}, color_scheme=mode)
                page = context.new_page()
                for name, html in made:
                    page.set_content(html)
                    page.screenshot(path=folder / f"{name}.{width}.{mode}.png", full_page=True)
                    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                        wide.append(f"{name} at {width} px")
                context.close()
    print(f"{len(made) * len(WIDTHS) * len(MODES)} pictures in {folder}")
    for name in wide:
        print(f"wider than its window: {name}", file=sys.stderr)
    return 1 if wide else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
