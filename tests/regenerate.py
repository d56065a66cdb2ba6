"""Write anew the files of the repository that are made from the code: `.venv/bin/python -m tests.regenerate`.

Read the difference before it is committed: these files are what people see.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from statusgen import config, wording
from statusgen.channels.pages import Renderer
from statusgen.channels.reference import reference
from statusgen.cli import init_ci
from statusgen.errors import ConfigError
from statusgen.themes import read_theme
from statusgen.views.common import Support
from tests.documents import AUTOMATION, automation
from tests.paths import PROJECT, SPECIMENS

REFERENCE = PROJECT / "docs" / "configuration.md"
THEME_REFERENCE = PROJECT / "docs" / "theme-reference.md"
DEMO_NOW = "2026-11-24T10:20:00+01:00"
HOW = "it differs from what the code makes: read why, then .venv/bin/python -m tests.regenerate"


def theme_reference() -> str:
    """What docs/theme-reference.md says."""
    theme, words = read_theme(PROJECT, "default"), wording.words("en", "UTC")
    made = Renderer(theme, words, title="", base_url="https://status.example.org/", support=Support())
    return reference(theme, made.environment)


def own_workflows() -> dict[Path, str]:
    """This repository's own workflows, which publish the demo: those of `init --ci github`, at the demo's moment."""
    settings = config.parse((PROJECT / "statusgen.toml").read_text("utf-8"))
    pin = init_ci.Pin(where="example-org/statusgen", commit="0" * 40)
    want = replace(
        init_ci.wanted(settings, pin, PROJECT),
        action="./ # zizmor: ignore[self-repository] a root action has no $/ form that every linter takes",
        branch="main",
        rebuild=timedelta(days=1),
        paths=("content/**", "statusgen/**", "themes/**", "statusgen.toml"),
        has_mail=True,
        has_notices=True,
        builds=frozenset(),
        mails=frozenset(),
        fixed={"STATUSGEN_NOW": DEMO_NOW},
    )
    made = init_ci.files("github", want)
    return {PROJECT / path: text for path, text in made.items() if not path.endswith("dependabot.yml")}


def told(path: Path) -> str:
    """What is said about a configuration that is wrong."""
    try:
        config.parse(path.read_text("utf-8"), name=path.name)
    except ConfigError as error:
        return error.message + "\n"
    return "nothing is wrong\n"


def main() -> None:
    """Write every generated file and say which."""
    files = {REFERENCE: config.reference(), THEME_REFERENCE: theme_reference()}
    files |= {path.with_suffix(".txt"): told(path) for path in sorted((SPECIMENS / "config").glob("bad-*.toml"))}
    for path, text in (files | own_workflows() | {AUTOMATION: automation()}).items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(PROJECT))


if __name__ == "__main__":
    main()
