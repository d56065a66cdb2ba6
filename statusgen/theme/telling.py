"""An error in a template, told with the file and line that it was written at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from jinja2 import TemplateNotFound, TemplateSyntaxError

from statusgen.config import did_you_mean
from statusgen.errors import ThemeError
from statusgen.theme.composing import TEMPLATES, Theme

AGAIN = "Put the template right; `statusgen check` reads them all."
_BY_CHECK = "`statusgen check` says what a template can use; docs/theming.md lists it."


@contextmanager
def telling(theme: Theme, name: str) -> Iterator[None]:
    """What goes wrong inside, while the template `name` is read or run, is a ThemeError with its place and the next step."""
    try:
        yield
    except TemplateSyntaxError as error:
        raise ThemeError(f"{line_of(theme, error.name or name, error.lineno)}: {error.message}", help=AGAIN) from error
    except TemplateNotFound as error:
        raise _missing(theme, name, error) from error
    except ThemeError:
        raise
    except RecursionError as error:
        said = f"{_where(theme, error) or _file(theme, name)}: it includes or extends itself without end"
        raise ThemeError(said, help="A template extends the one of a parent: {% extends 'default/…' %}.") from error
    except Exception as error:
        place = _where(theme, error)
        if not place:
            raise
        raise ThemeError(f"{place}: {error}", help=_BY_CHECK) from error


def _missing(theme: Theme, name: str, error: TemplateNotFound) -> ThemeError:
    wanted = str(error.name or name)
    place = _where(theme, error)
    if not place:
        return ThemeError(
            f"{TEMPLATES}{wanted}: there is no such template", help=f"The theme {theme.name!r} cannot do without it."
        )
    return ThemeError(f"{place}: there is no template {wanted!r}", help=near(wanted, theme.templates))


def near(wanted: str, known: Iterable[str]) -> str:
    """A hint at the template that was meant."""
    return did_you_mean(wanted, known, what="templates")


def line_of(theme: Theme, name: str, line: int) -> str:
    """The file and line of a line of a template."""
    known = theme.templates.get(name)
    return known.place(line) if known else f"{TEMPLATES}{name}:{line}"


def _file(theme: Theme, name: str) -> str:
    return line_of(theme, name, 1).rpartition(":")[0]


def _where(theme: Theme, error: BaseException) -> str:
    """The innermost template and line of an error; "" where no template has to do with it."""
    found, trace = "", error.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(TEMPLATES):
            found = line_of(theme, file.removeprefix(TEMPLATES), trace.tb_lineno)
        trace = trace.tb_next
    return found
