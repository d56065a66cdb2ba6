"""Is the list of what mail uses still true? Fails where a mail program lacks something that the list does not say it lacks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.mail_features import listed

FAMILIES = ("gmail", "outlook", "apple-mail", "yahoo", "samsung-email", "thunderbird")


def lacking(feature: dict[str, Any]) -> Iterator[str]:
    """The mail programs whose newest version lacks a feature."""
    for family in FAMILIES:
        for platform, versions in feature["stats"].get(family, {}).items():
            if [*versions.values()][-1].startswith("n"):
                yield f"{family}.{platform}"


def main(data: Path) -> int:
    """Compare; the exit code."""
    read = json.loads(data.read_text("utf-8"))
    known = {feature["slug"]: feature for feature in read["data"]}
    wrong = 0
    for name, feature in listed().items():
        today = {*lacking(known[name])} if name in known else set()
        for more in sorted(today - {*feature.lacks}):
            wrong += 1
            print(f"{more} lacks {name}, which themes/default/mail.toml does not say", file=sys.stderr)
        for less in sorted({*feature.lacks} - today):
            print(f"{less} no longer lacks {name}")
    told = sum(name in known for name in listed())
    print(
        f"caniemail of {read['last_update_date'][:10]}: {told} of {len(listed())} features known, {wrong} differences"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
