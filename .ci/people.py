"""Prints the address and the access code of three of the demo's personal pages: `python .ci/people.py OUTPUT`."""

import sys
from pathlib import Path

from statusgen import addresses, config
from statusgen.access import Access, parse_secret, written

SHOWN = {"n-vandijk": "Noor van Dijk", "s-lindqvist": "Sara Lindqvist", "e-whitfield": "Emily Whitfield"}

root, output = Path(__file__).resolve().parent.parent, Path(sys.argv[1])
privacy = config.parse((root / "statusgen.toml").read_text("utf-8")).privacy
secret = parse_secret((root / (privacy.secret.file or "")).read_text("utf-8"))
access = Access(secret=secret, site_id=privacy.site_id)
for person, name in SHOWN.items():
    lock = access.page_lock(person)
    page = output / addresses.file_of(addresses.person(lock.token))
    if not page.is_file():
        sys.exit(f"error: {name} has no page in {output}: build the demo first")
    print(f"  {name:<16} {page}")
    print(f"  {'':<16} code {written(lock.code)}")
