"""Prints the address and the access code of three of the demo's people: `python .ci/people.py OUTPUT`."""

import sys
from pathlib import Path

from statusgen import addresses, config
from statusgen.access import Access, parse_secret, written

SHOWN = {"n-vandijk": "Noor van Dijk", "s-lindqvist": "Sara Lindqvist", "e-whitfield": "Emily Whitfield"}
SERVED = "http://localhost:8008/"

root, output = Path(__file__).resolve().parent.parent, Path(sys.argv[1])
privacy = config.parse((root / "statusgen.toml").read_text("utf-8")).privacy
secret = parse_secret((root / (privacy.secret.file or "")).read_text("utf-8"))
access = Access(secret=secret, site_id=privacy.site_id)
for person, name in SHOWN.items():
    lock = access.page_lock(person)
    address, code = addresses.person(lock.token), written(lock.code)
    if not (output / addresses.file_of(address)).is_file():
        sys.exit(f"error: {name} has no page in {output}: build the demo first")
    print(f"  {name:<16} {SERVED}{address}\n  {'':<16} code {code}")
