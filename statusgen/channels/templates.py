"""What templates are given: the list that `statusgen check` holds them to."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from statusgen import views
from statusgen.channels.pages import PAGE_NAMES, PIECES, TEMPLATES
from statusgen.theme.checking import Uses
from statusgen.theme.sandbox import Sandbox

_BY_JINJA = frozenset({"self", "super", "loop", "caller", "varargs", "kwargs"})


def uses(environment: Sandbox) -> Uses:
    """What the templates of a site are given, in this environment."""
    everywhere = frozenset(environment.globals) | _BY_JINJA
    return Uses(views=page_views(), everywhere=everywhere, pages=PAGE_NAMES, pieces=PIECES)


def page_views() -> dict[str, type]:
    """By template, the class of the view that it shows as `page`."""
    found = {}
    for module in pkgutil.iter_modules(views.__path__, f"{views.__name__}."):
        for name, kind in vars(import_module(module.name)).items():
            if name in TEMPLATES and isinstance(kind, type):
                found[TEMPLATES[name]] = kind
    return found
