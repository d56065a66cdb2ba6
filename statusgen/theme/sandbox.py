"""The sandbox that templates run in: Jinja's own, with what it leaves open closed.

A template sees plain values and the fields of our own views; nothing that leads back into Python, to a file or to a clock. What
people wrote always comes out escaped: nothing in a template can mark a text as safe, only the filters that clean it can.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta, tzinfo
from functools import cache
from types import CodeType, MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from statusgen.text.links import safe_url
from statusgen.wording import Words

GETTEXT = {"_": 1, "gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}
"""The functions that translate, and how many of their first arguments are messages."""

_PLAIN = (str, int, float, tuple, list, dict, set, frozenset, MappingProxyType, date, timedelta, range, type(None))
_WATCHED = (nodes.Filter, nodes.Call, nodes.Name, nodes.EvalContextModifier, nodes.ScopedEvalContextModifier)
_FORBIDDEN_FILTERS = {
    "safe": "what people wrote is always escaped; write markup in the template itself, and long texts with |html",
    "random": "the same input makes the same page",
}


class _Compiled(BytecodeCache):
    """What templates were compiled to: the same text is compiled once for pages of all depths, and for all builds of a preview."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, frozenset[str]], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get(_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if len(self._known) >= _MOST_COMPILED:
            self._known.clear()
        if bucket.code is not None:
            self._known[_key(bucket)] = bucket.code


def _key(bucket: Bucket) -> tuple[str, str, frozenset[str]]:
    """Name and text; and the filters, because a template is compiled only where those that it uses are there."""
    return bucket.key, bucket.checksum, frozenset(bucket.environment.filters)


_COMPILED = _Compiled()
_MOST_COMPILED = 1000


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for templates of a theme: strict, escaping, and without a way out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **options,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
            bytecode_cache=_COMPILED,
        )
        del self.globals["lipsum"]  # random: the same input would make another page
        for name in _FORBIDDEN_FILTERS:
            del self.filters[name]
        self.filters["safe_url"] = safe_url

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute. Fields of our own frozen views are read without asking each time whether they are safe."""
        fields = _fields(obj.__class__)
        return getattr(obj, attribute) if attribute in fields else super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see it: what Jinja allows, on values that lead nowhere."""
        return super().is_safe_attribute(obj, attr, value) and _allows(obj.__class__, attr)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for line, message in _offences(tree):
            raise TemplateSyntaxError(message, line, name, filename)
        return tree


@cache
def _fields(kind: type) -> frozenset[str]:
    """The fields of a dataclass of ours; none of any other class."""
    ours = kind.__module__.startswith("statusgen.")
    return frozenset(getattr(kind, "__dataclass_fields__", ())) if ours else frozenset()


@cache
def _allows(kind: type, attribute: str) -> bool:
    """Whether objects of a class may be asked for an attribute that Jinja finds harmless.

    A gettext catalogue can install itself among Python's builtins, and a time zone can open files: foreign objects have
    nothing to say but a zone's key.
    """
    if issubclass(kind, Words):
        return True
    if kind.__module__.startswith("statusgen."):
        return isinstance(getattr(kind, attribute, None), property) or attribute in getattr(kind, "__slots__", ())
    if issubclass(kind, Markup):
        return attribute != "translate"  # it puts in what it is given without escaping it
    if issubclass(kind, tzinfo):
        return kind is ZoneInfo and attribute == "key"
    return issubclass(kind, _PLAIN) or kind.__module__.startswith("jinja2.")


def _offences(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """What a template must not do though Jinja lets it: the line, and why."""
    messages: set[int] = set()  # the names that are called as they should be; a call comes before the name in it
    for node in tree.find_all(_WATCHED):
        match node:
            case nodes.Filter(name=name) if name in _FORBIDDEN_FILTERS:
                yield node.lineno, f"there is no filter '{name}': {_FORBIDDEN_FILTERS[name]}"
            case nodes.Call(node=nodes.Name(name=name)) if name in GETTEXT and _is_message(node, GETTEXT[name]):
                messages.add(id(node.node))
            case nodes.Name(name=name, ctx="load") if name in GETTEXT and id(node) not in messages:
                yield node.lineno, f"{name}() takes a message in quotes, and nothing else: it would not be escaped"
            case nodes.ScopedEvalContextModifier() | nodes.EvalContextModifier():
                yield node.lineno, "{% autoescape %} is not allowed: what people wrote is always escaped"


def _is_message(call: nodes.Call, messages: int) -> bool:
    if call.dyn_args is not None or len(call.args) < messages:
        return False
    return all(isinstance(said, nodes.Const) and isinstance(said.value, str) for said in call.args[:messages])
