"""A template is code of somebody else's: it reaches no Python, no file and no clock, and what people wrote stays escaped."""

from __future__ import annotations

import builtins
import json
from datetime import UTC, datetime
from functools import cache

import pytest
from jinja2 import DictLoader
from markupsafe import Markup

from statusgen.channels.pages import Renderer, Site
from statusgen.errors import ThemeError
from statusgen.model import Text
from statusgen.text import to_html
from statusgen.theme.sandbox import GETTEXT, Sandbox
from statusgen.views.common import Support
from statusgen.views.home import home
from tests.paths import SHARED
from tests.scenes import WORDS, incident, look, renderer, theme
from tests.test_theme import layer, over

EVIL = "<img src=x onerror=alert(1)>"


@cache
def view():
    return home(look(incident(title=EVIL)))


def rendered(source: str) -> str:
    return renderer({"templates/home.html": source.encode()}).render(view(), "").decode()


@cache
def sandbox() -> Sandbox:
    """The same environment without the theme, so that hundreds of attempts are quick."""
    made = Sandbox(loader=DictLoader({"lib": "{% macro mac() %}x{% endmacro %}"}))
    made.install_gettext_translations(WORDS.catalogue, newstyle=True)
    made.filters["html"] = lambda text: Markup(to_html(text))
    made.globals.update(
        words=WORDS,
        site=Site(title=EVIL, support=Support(), url="https://status.example.org/", home="https://status.example.org/"),
        page=view(),
        evil=EVIL,
        text=Text(body=EVIL),
    )
    return made


def tried(source: str) -> str:
    return sandbox().from_string(source).render()


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ page.__class__ }}",
        "{{ page['__class__'] }}",
        "{{ page|attr('__class__') }}",
        "{{ [page]|map(attribute='__class__')|first }}",
        "{{ [page]|map('attr', '__class__')|first }}",
        "{{ ([page]|groupby('__class__')|first).grouper }}",
        "{{ [page]|sum('__class__') }}",
        "{{ page.__init__.__globals__ }}",
        "{{ page.__dataclass_fields__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ joiner|attr('__init__') }}",
        "{{ namespace.__init__ }}",
        "{{ self.__class__ }}",
        "{{ self._TemplateReference__context }}",
        "{% import 'lib' as m %}{{ m.__class__ }}",
        "{% import 'lib' as m %}{{ m.mac._func }}",
        "{% import 'lib' as m %}{{ m.mac._environment }}",
        "{% for x in [1] %}{{ loop._iterator }}{% endfor %}",
        "{% for x in [1] %}{{ loop.__init__ }}{% endfor %}",
        "{{ _.__globals__ }}",
        "{{ _ }}",
        "{{ '{0.__class__}'.format(page) }}",
        "{{ '{x.__class__}'.format_map({'x': page}) }}",
        "{{ ('{0.__class__}'|e).format(page) }}",
        "{{ words.catalogue.install() }}",
        "{{ words.catalogue.gettext }}",
        "{{ words['catalogue'].install() }}",
        "{{ words|attr('catalogue')|attr('install') }}",
        "{{ words.catalogue.add_fallback(words.catalogue) }}",
        "{{ words.zone.from_file('x') }}",
        "{{ words.zone.clear_cache() }}",
        "{{ words.zone.no_cache('UTC') }}",
        "{{ site.__slots__ }}",
        "{{ range(10000000)|list }}",
        "{% set site.title = 'x' %}",
        "{% set x = [1] %}{{ x.append(2) }}",
        "{% set x = {} %}{{ x.update(a=1) }}",
        "{{ lipsum() }}",
        "{{ [1, 2]|random }}",
        "{{ open('/etc/passwd').read() }}",
        "{% include '/etc/passwd' %}",
        "{% include '../../statusgen.toml' %}",
        "{% extends '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% do 1 %}",
        "{% debug %}",
    ],
)  # fmt: skip
def test_a_template_reaches_nothing_but_what_it_is_given(source):
    """Each attempt is an error, in the bare environment and as a page of a theme."""
    before = vars(builtins).copy()
    with pytest.raises(Exception):  # noqa: B017 - any error will do; that it is told well is tested below
        tried(source)
    assert vars(builtins) == before


@pytest.mark.parametrize(
    "source",
    [
        "{{ page.__class__ }}",
        "{{ words.catalogue.install() }}",
        "{% include '/etc/passwd' %}",
        "{{ page.title|safe }}",
        "{% autoescape false %}{{ page.title }}{% endautoescape %}",
        "{{ _(page.title) }}",
        "{{ lipsum() }}",
    ],
)
def test_an_attempt_is_told_with_its_file_and_line(source):
    with pytest.raises(ThemeError, match=r"^templates/home\.html:2: "):
        rendered(f"\n{source}")


@pytest.mark.parametrize(
    "source",
    [
        "{{ evil|safe }}",
        "{{ [evil]|map('safe')|first }}",
        "{% filter safe %}{{ evil }}{% endfilter %}",
        "{% autoescape false %}{{ evil }}{% endautoescape %}",
        "{% autoescape site.title == 'x' %}{{ evil }}{% endautoescape %}",
        "{{ _(evil) }}",
        "{{ gettext(evil) }}",
        "{{ ngettext(evil, evil, 2) }}",
        "{{ ngettext('x', evil, 2) }}",
        "{{ pgettext('x', evil) }}",
        "{{ npgettext('x', 'x', evil, 2) }}",
        "{% set g = _ %}{{ g(evil) }}",
        "{% set n = namespace(g=gettext) %}{{ n.g(evil) }}",
        "{{ [evil]|map(_)|first }}",
        "{{ _(*[evil]) }}",
        "{{ _('a' if evil else evil) }}",
        "{% macro f(g) %}{{ g(evil) }}{% endmacro %}{{ f(_) }}",
        "{% call _(evil) %}{% endcall %}",
        "{{ ('h'|e).translate({104: evil}) }}",
        "{{ ('&lt;'|e).unescape }}{{ ('h'|e)['translate']({104: evil}) }}",
    ],
)
def test_nothing_in_a_template_turns_escaping_off(source):
    with pytest.raises(Exception):  # noqa: B017 - as above
        tried(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ evil }}",
        "{{ site.title }}",
        "{{ evil|e|string }}",
        "{{ ('%s'|e)|format(evil) }}",
        "{{ ('{}'|e).format(evil) }}",
        "{{ ('a'|e).replace('a', evil) }}",
        "{{ ('a'|e) ~ evil }}",
        "{{ ('a'|e) + evil }}",
        "{{ ('a'|e).join([evil, evil]) }}",
        "{{ [evil, evil]|join('<br>'|e) }}",
        "{{ [evil]|join(evil) }}",
        "{% set x %}{{ evil }}{% endset %}{{ x }}",
        "{% macro f(a) %}{{ a }}{{ caller() }}{% endmacro %}{% call f(evil) %}{{ evil }}{% endcall %}",
        "{% filter upper %}{{ evil }}{% endfilter %}",
        "{{ evil|urlize }}",
        "{{ {'a': evil}|xmlattr }}",
        "{{ evil|tojson }}",
        "{{ evil|pprint }}",
        "{{ evil|replace('x', '<b>') }}",
        "{{ _('%(a)s', a=evil) }}",
        "{% trans a=evil %}{{ a }}{% endtrans %}",
        "{% trans n=2, a=evil %}{{ a }}{% pluralize n %}{{ a }}{{ n }}{% endtrans %}",
        "{{ words.say(evil) }}",
        "{{ text|html }}",
        "{{ evil.center(99) }}",
        "{{ (evil|e).unescape() }}",
        "{{ (evil|e).striptags() }}",
        "{{ evil|indent(first=true) }}",
        "{{ evil|wordwrap(3, wrapstring='<br>'|e) }}",
        "{{ evil|forceescape }}",
        "{{ {evil: 1}|dictsort }}",
        "{{ [evil] }}",
    ],
)  # fmt: skip
def test_whatever_is_done_to_a_text_it_comes_out_escaped(source):
    assert "<img" not in tried(source).lower()
    assert "<br>" not in tried(source) or "wrapstring" in source or "join" in source


def test_real_attacks_on_templates_reach_nothing():
    """The payloads that are collected for such holes: each is an error or plain text, and nothing of this machine comes out."""
    path = SHARED / "attacks" / "jinja" / "ssti-payloads.json"
    if not path.is_file():
        pytest.skip("the shared attack strings are not here")
    rows = json.loads(path.read_text("utf-8"))
    payloads = [row if isinstance(row, str) else row["payload"] for row in rows]
    assert len(payloads) > 50
    for payload in payloads:
        try:
            said = tried(payload)
        except Exception:  # noqa: BLE001 - an error is what is wanted
            continue
        assert not any(sign in said for sign in ("root:", "uid=", "<class", "<module", "<built-in", "subclasses")), (
            payload
        )


def test_what_templates_need_is_open():
    """The sandbox is tight, not shut: fields, properties, methods of texts, loops and macros work."""
    source = (
        "{{ page.look }}{{ page.cards[0].tag.look }}{{ words.zone.key }}{{ words.direction }}{{ words.language }}"
        "{{ 'a,b'.split(',')|join('-') }}{{ {'a': 1}.items()|first|last }}{% for x in [1, 2] %}{{ loop.index }}{{ loop.last }}{% endfor %}"
        "{% import 'lib' as m %}{{ m.mac() }}{{ m.mac.name }}{{ at.year }}{{ at.isoformat() }}{{ ('&lt;'|e).upper() }}"
    )
    at = datetime(2026, 11, 24, tzinfo=UTC)
    assert sandbox().from_string(source).render(at=at).startswith("downdownEurope/Amsterdamltrena-b11False2True")


def test_a_view_gives_its_fields_and_its_methods_stay_ours():
    with pytest.raises(Exception, match="unsafe"):
        sandbox().from_string("{{ look.text }}").render(look=look())


def test_the_functions_that_translate_are_all_watched():
    installed = {name for name in sandbox().globals if name.endswith("gettext") or name == "_"}
    assert installed == set(GETTEXT)


def test_a_theme_cannot_change_what_the_next_page_sees():
    """A template that sets names sets them for itself: other pages are the same bytes after it."""
    made = over(layer("quay", {"templates/about.html": "{% set site = 1 %}{% set words = 2 %}{{ site }}{{ words }}"}))
    from statusgen.views.plain import AboutPage

    one = Renderer(made, WORDS, title="Quay", base_url="https://status.example.org/", support=Support())
    before = one.render(view(), "")
    assert one.render(AboutPage(rebuild="15 minutes", incident_sources=(), links=()), "about/") == b"12"
    assert one.render(view(), "") == before


def test_the_default_theme_uses_nothing_that_is_forbidden():
    for name, source in theme().items():
        if name.endswith(".html"):
            sandbox().parse(source.decode(), name)
