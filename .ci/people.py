"""Prints the addresses of three of the demo's personal pages, found by a ticket that each of them shows."""

import sys
from pathlib import Path

SHOWN = {"Noor van Dijk": "REQ-20418", "Sara Lindqvist": "INC-88101", "Emily Whitfield": "INC-87990"}

for page in sorted(Path(sys.argv[1]).glob("u/*/index.html")):
    text = page.read_text("utf-8")
    for name, ticket in SHOWN.items():
        if ticket in text:
            print(f"  {name:<16} {page}")
