"""What templates are given: the list that `statusgen check` holds them to."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from statusgen import views
from statusgen.channels.pages import PAGE_NAMES, PIECES, TEMPLATES
from statusgen.theme.checking import Uses
from statusgen.theme.sandbox import Sandbox
from statusgen.views.mail import MailPage

_BY_JINJA = frozenset({"self", "super", "loop", "caller", "varargs", "kwargs"})


_OF_MAIL = frozenset({"page", "start", "end"})
MAIL_VIEWS: dict[str, type] = {"mail/message.html": MailPage, "mail/message.txt": MailPage}
"""The templates of mail, and the class of what each shows as `page`."""
MAIL_PIECES = dict.fromkeys((*MAIL_VIEWS, "mail/style.css", "mail/modes.css"), _OF_MAIL)
"""What the templates of mail see beside what all templates see."""


def uses(environment: Sandbox) -> Uses:
    """What the templates of a site are given, in this environment."""
    everywhere = frozenset(environment.globals) | _BY_JINJA
    views = page_views() | MAIL_VIEWS
    return Uses(views=views, everywhere=everywhere, pages=PAGE_NAMES, pieces=PIECES | MAIL_PIECES)


def page_views() -> dict[str, type]:
    """By template, the class of the view that it shows as `page`."""
    found = {}
    for module in pkgutil.iter_modules(views.__path__, f"{views.__name__}."):
        for name, kind in vars(import_module(module.name)).items():
            if name in TEMPLATES and isinstance(kind, type):
                found[TEMPLATES[name]] = kind
    return found
