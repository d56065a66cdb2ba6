"""Where the tests find what they read, and how they unpack what was packed."""

import tarfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared" / "data"
SPECIMENS = PROJECT / "tests" / "specimens"


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """All of it, as files and nothing else; Python before 3.11.4 knows no filters."""
    archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
