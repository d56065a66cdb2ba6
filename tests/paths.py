"""Where the tests find what they read."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared" / "data"
SPECIMENS = PROJECT / "tests" / "specimens"
