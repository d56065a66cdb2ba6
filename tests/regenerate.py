"""Write anew the files of the repository that are made from the code: `.venv/bin/python -m tests.regenerate`."""

from statusgen import config
from tests.paths import PROJECT

REFERENCE = PROJECT / "docs" / "configuration.md"


def main() -> None:
    """Write every generated file and say which."""
    REFERENCE.write_text(config.reference(), encoding="utf-8")
    print(REFERENCE.relative_to(PROJECT))


if __name__ == "__main__":
    main()
