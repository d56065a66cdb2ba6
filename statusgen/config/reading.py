"""Read statusgen.toml: what pydantic finds and what only the whole file shows, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import ValidationError

from statusgen.config.messages import Problem, told
from statusgen.config.models import Config
from statusgen.config.positions import Place, Places, find
from statusgen.config.problems import problem
from statusgen.config.syntax import load
from statusgen.config.whole import whole
from statusgen.errors import ConfigError

_VERSION = 1


def parse(text: str, *, name: str = "statusgen.toml") -> Config:
    """The configuration in `text`. Raises ConfigError with all problems, each with file, line, column, a caret and a hint."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    data = load(text, name)
    version = data.get("config-version")
    if isinstance(version, int) and version > _VERSION:
        # nothing else that a later form holds can be judged here
        raise ConfigError(shown([_too_new(version)], text, name))
    problems: list[Problem] = []
    config: Config | None = None
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        problems.extend(told(error.errors(include_url=False), data))
    problems.extend(whole(data))
    if problems or config is None:
        raise ConfigError(shown(problems, text, name))
    return _completed(config)


def _completed(config: Config) -> Config:
    """With the default that only another table gives."""
    if config.privacy.site_id:
        return config
    host = urlsplit(config.site.base_url).hostname or ""
    return config.model_copy(update={"privacy": config.privacy.model_copy(update={"site_id": host})})


def _too_new(version: int) -> Problem:
    return Problem(
        path=("config-version",),
        message=f"config-version {version} is of a later statusgen; this one reads version {_VERSION}",
        help="update statusgen, or take a file of version 1",
    )


def shown(problems: Iterable[Problem], text: str, name: str) -> str:
    """All problems in the order of the file, and how many there are."""
    places = find(text)
    placed = sorted(
        ((_place(each, places), each) for each in problems), key=lambda pair: (pair[0].line, pair[0].column)
    )
    said = [problem(name, text, at.line, at.column, at.length, each.message, each.help) for at, each in placed]
    unique = list(dict.fromkeys(said))
    return "\n\n".join([*unique, how_many(len(unique), name)])


def how_many(count: int, name: str) -> str:
    """The last line of a list of problems."""
    return f"{count} problem{'' if count == 1 else 's'} in {name}"


def _place(each: Problem, places: Places) -> Place:
    """The nearest place that the file has for a problem: its value or key, else those of the tables around it."""
    first, second = (places.keys, places.values) if each.at_key else (places.values, places.keys)
    for length in range(len(each.path), 0, -1):
        path = each.path[:length]
        found = first.get(path) or second.get(path)
        if found:
            return found
    return Place(line=1, column=1, length=1)
