"""What is wrong with the templates of a theme, found by reading them: nothing is run, and everything is told at once. Pure.

Beside what does not compile: names that nothing gives, fields that a view does not have (as far as it can be followed: from
`page` through loops, `set` and conditions), macros and templates that do not exist, and markup that escaping cannot protect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from jinja2 import TemplateSyntaxError, nodes

from statusgen.config import did_you_mean
from statusgen.theme.composing import TEMPLATES, Template, Theme
from statusgen.theme.escaping import Mistake, beyond_escaping
from statusgen.theme.sandbox import Sandbox
from statusgen.theme.shapes import Shape, members, shape_of, union
from statusgen.theme.telling import AGAIN, line_of, near

__all__ = ["Mistake", "Tree", "Uses", "mistakes"]

_N = TypeVar("_N", bound=nodes.Node)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """What templates are given.

    `views`: by template, the class of its page. `everywhere`: the names that all of them see. `pages`: those that pages see
    besides. `pieces`: by template, those that the shared parts of a page see besides.
    """

    views: Mapping[str, type]
    everywhere: frozenset[str]
    pages: frozenset[str]
    pieces: Mapping[str, frozenset[str]]

    def view(self, name: str) -> type | None:
        """The class of what a template shows; that of a parent's, by its name there."""
        return self.views.get(name) or self.views.get(name.partition("/")[2])

    @property
    def needed(self) -> frozenset[str]:
        """The templates that a site asks for by name."""
        return frozenset({*self.views, *self.pieces})

    def given(self, name: str, *, is_library: bool) -> frozenset[str]:
        """The names that a template can use without defining them. Macros see nothing of the page that calls them."""
        if is_library:
            return self.everywhere
        own = name if name in self.pieces else name.partition("/")[2]
        return self.everywhere | self.pieces.get(own, self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A template as Jinja reads it: the root, and everything in it from top to bottom."""

    root: nodes.Template
    nodes: tuple[nodes.Node, ...]

    def of(self, *kinds: type[_N]) -> Iterator[_N]:
        """What is of these kinds in it."""
        return (node for node in self.nodes if isinstance(node, kinds))


def mistakes(theme: Theme, environment: Sandbox, uses: Uses) -> Iterator[Mistake]:
    """Everything that is wrong with the templates, by file and line; each template once, under whatever names it has."""
    trees: dict[str, Tree] = {}
    found: list[Mistake] = []
    first: dict[int, str] = {}  # by template, the first of its names
    for name, template in theme.templates.items():
        first.setdefault(id(template), name)
        try:
            trees[name] = _parsed(template.text)
            if not _is_inherited(theme, template):
                _compile(template.text, name, environment)
        except TemplateSyntaxError as error:
            place = line_of(theme, name, error.lineno)
            found.append(Mistake(place=place, message=error.message or "it cannot be read", help=AGAIN))
    libraries = {name: _exported(tree) for name, tree in trees.items()}
    for name, tree in trees.items():
        if first[id(theme.templates[name])] != name:
            continue
        above = tuple(trees[parent] for parent in _parents(name, trees))
        found.extend(_Reader(theme, name, tree, above, uses, libraries).mistakes())
        found.extend(beyond_escaping(theme.templates[name]))
    found.extend(_unused(theme, trees, uses))
    yield from sorted(dict.fromkeys(found), key=lambda one: (one.level, _sortable(one.place)))


@lru_cache(maxsize=512)
def _parsed(text: str) -> Tree:
    """A template as a tree; those of the default theme are read again and again."""
    root = Sandbox().parse(text)
    return Tree(root=root, nodes=(*root.find_all(nodes.Node),))


def _compile(text: str, name: str, environment: Sandbox) -> None:
    """Find filters that there are not. Raises TemplateSyntaxError. What was compiled once is not again."""
    done = (text, name, frozenset(environment.filters))
    if done in _SOUND:
        return
    environment.compile(_parsed(text).root, name, TEMPLATES + name)
    if len(_SOUND) >= _MOST_SOUND:
        _SOUND.clear()
    _SOUND.add(done)


_SOUND: set[tuple[str, str, frozenset[str]]] = set()
_MOST_SOUND = 1000


def _is_inherited(theme: Theme, template: Template) -> bool:
    """Whether it is as the root theme has it, which is known to hold."""
    return len(theme.layers) > 1 and template.pieces[-1][1].startswith(theme.layers[0].place)


def _sortable(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return (file, int(line)) if line.isdigit() else (place, 0)


def _exported(tree: Tree) -> frozenset[str]:
    """What a template gives to those that import it: its macros, and what it sets outside of blocks."""
    names = {one.name for one in tree.root.body if isinstance(one, nodes.Macro)}
    for one in tree.root.body:
        if isinstance(one, nodes.Assign):
            names |= {target.name for target in one.find_all(nodes.Name) if target.ctx == "store"}
    return frozenset(names)


def _parents(name: str, trees: Mapping[str, Tree]) -> list[str]:
    """The templates that a template extends, and those that they extend: what they import, it sees."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        for tag in trees[waiting.pop()].of(nodes.Extends):
            fresh = [target for target in _targets(tag) if target in trees and target not in found]
            found += fresh
            waiting += fresh
    return found


def _bound(tree: Tree) -> frozenset[str]:
    """Every name that a template binds somewhere."""
    names = {name.name for name in tree.of(nodes.Name) if name.ctx in {"store", "param"}}
    names |= {macro.name for macro in tree.of(nodes.Macro)}
    names |= {tag.target for tag in tree.of(nodes.Import)}
    for tag in tree.of(nodes.FromImport):
        names |= {one if isinstance(one, str) else one[1] for one in tag.names}
    return frozenset(names)


def _imported(tree: Tree) -> dict[str, nodes.Import]:
    """What a template imports whole outside of its blocks, by the name that it gives it."""
    return {tag.target: tag for tag in tree.root.body if isinstance(tag, nodes.Import)}


def _unused(theme: Theme, trees: Mapping[str, Tree], uses: Uses) -> Iterator[Mistake]:
    """Templates of the theme itself that nothing asks for: mostly misspelt names of those that they are to replace."""
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    asked = {target for tree in trees.values() for tag in tree.of(*kinds) for target in _targets(tag)}
    inherited = {path for layer in theme.layers[:-1] for path in layer.files}
    for path in theme.layers[-1].files:
        name = path.removeprefix(TEMPLATES)
        if path.startswith(TEMPLATES) and path not in inherited and name not in uses.needed | asked:
            hint = did_you_mean(name, uses.needed | asked, what="templates")
            yield Mistake(place=theme.place(path), message="nothing uses this template", help=hint, level="warning")


def _says(part: nodes.Expr) -> bool:
    return not isinstance(part, nodes.TemplateData) or bool(part.data.strip())


def _targets(tag: nodes.Node) -> list[str]:
    """The templates that a tag names in quotes."""
    return [*_named(tag.template)]  # type: ignore[attr-defined]


def _named(wanted: nodes.Node | None) -> Iterator[str]:
    match wanted:
        case nodes.Const(value=str() as name):
            yield name
        case nodes.CondExpr(expr1=one, expr2=other):
            yield from (*_named(one), *_named(other))
        case nodes.List(items=items) | nodes.Tuple(items=items):
            for item in items:
                yield from _named(item)


@dataclass
class _Reader:
    """Reads one template."""

    theme: Theme
    name: str
    tree: Tree
    above: tuple[Tree, ...]
    uses: Uses
    libraries: Mapping[str, frozenset[str]]
    shapes: dict[str, Shape | None] = field(default_factory=dict)

    def mistakes(self) -> Iterator[Mistake]:
        """Everything that reading shows."""
        self.shapes = self._shapes()
        yield from self._templates()
        yield from self._blocks()
        yield from self._names()
        for used in self.tree.of(nodes.Getattr):
            yield from self._field(used)

    def _told(self, line: int, message: str, hint: str) -> Mistake:
        return Mistake(place=line_of(self.theme, self.name, line), message=message, help=hint)

    def _templates(self) -> Iterator[Mistake]:
        for tag in self.tree.of(nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport):
            if isinstance(tag, nodes.Include) and tag.ignore_missing:
                continue
            for target in _targets(tag):
                if target not in self.theme.templates:
                    hint = near(target, self.theme.templates)
                    yield self._told(tag.lineno, f"there is no template {target!r}", hint)
        for taken in self.tree.of(nodes.FromImport):
            for library in self._known_libraries(taken):
                for one in taken.names:
                    yield from self._macro(taken.lineno, library, one if isinstance(one, str) else one[0])

    def _blocks(self) -> Iterator[Mistake]:
        """In a template that extends another: blocks that it lacks, and text that stands in none."""
        if not self.above or not any(isinstance(one, nodes.Extends) for one in self.tree.root.body):
            return
        known = {block.name for tree in self.above for block in tree.of(nodes.Block)}
        for one in self.tree.root.body:
            if isinstance(one, nodes.Block) and one.name not in known:
                hint = did_you_mean(one.name, known, what="blocks")
                yield self._told(one.lineno, f"what it extends has no block {one.name!r}", hint)
            if isinstance(one, nodes.Output) and any(_says(part) for part in one.nodes):
                yield self._told(one.lineno, "this stands in no block, so no page shows it", "Put it into a block.")

    def _names(self) -> Iterator[Mistake]:
        known = _bound(self.tree) | {name for tree in self.above for name in (*_exported(tree), *_imported(tree))}
        known |= self.uses.given(self.name, is_library=self.theme.templates[self.name].is_library)
        for used in self.tree.of(nodes.Name):
            if used.ctx == "load" and used.name not in known:
                hint = did_you_mean(used.name, known, what="it sees")
                yield self._told(used.lineno, f"there is nothing called {used.name!r} here", hint)

    def _field(self, used: nodes.Getattr) -> Iterator[Mistake]:
        if isinstance(used.node, nodes.Name) and used.node.name not in self.shapes:
            for tree in (self.tree, *self.above):
                tag = _imported(tree).get(used.node.name)
                for library in self._known_libraries(tag) if tag else ():
                    yield from self._macro(used.lineno, library, used.attr)
        owner = self._shape(used.node)
        if owner is None:
            return
        known = members(owner)
        if known and used.attr not in known:
            names = " or ".join(sorted(kind.__name__ for kind in owner.kinds if kind is not type(None)))
            hint = did_you_mean(used.attr, known, what="it has")
            yield self._told(used.lineno, f"{names} has no {used.attr!r}", hint)

    def _known_libraries(self, tag: nodes.Import | nodes.FromImport) -> Iterator[str]:
        return (name for name in _targets(tag) if name in self.libraries)

    def _macro(self, line: int, library: str, name: str) -> Iterator[Mistake]:
        known = self.libraries[library]
        if name not in known:
            hint = did_you_mean(name, known, what="macros")
            yield self._told(line, f"{library} has no macro {name!r}", hint)

    # ---- what a name stands for, as far as it can be told

    def _shapes(self) -> dict[str, Shape | None]:
        """The shapes of the page and of what loops and `set` take from it. A name that stands for two things stands for none."""
        view = self.uses.view(self.name)
        unknown = self._otherwise_bound()
        self.shapes = {"page": Shape(kinds=frozenset({view})) if view and "page" not in unknown else None}
        for tag in self.tree.of(nodes.For, nodes.Assign):
            fresh = self._item(tag.iter) if isinstance(tag, nodes.For) else self._shape(tag.node)  # type: ignore[attr-defined]
            target: nodes.Node = tag.target  # type: ignore[attr-defined]
            for name in [target, *target.find_all(nodes.Name)]:
                if isinstance(name, nodes.Name):
                    shape = fresh if name is target else None
                    twice = name.name in self.shapes and self.shapes[name.name] != shape
                    self.shapes[name.name] = None if twice or name.name in unknown else shape
        return self.shapes

    def _otherwise_bound(self) -> frozenset[str]:
        params = {name.name for name in self.tree.of(nodes.Name) if name.ctx == "param"}
        blocks = {name.name for tag in self.tree.of(nodes.AssignBlock) for name in tag.target.find_all(nodes.Name)}
        return frozenset(params | blocks)

    def _item(self, many: nodes.Node) -> Shape | None:
        shape = self._shape(many)
        return shape.item if shape else None

    def _shape(self, node: nodes.Node) -> Shape | None:
        match node:
            case nodes.Name():
                return self.shapes.get(node.name)
            case nodes.Getattr():
                owner = self._shape(node.node)
                return shape_of(owner, node.attr) if owner else None
            case nodes.Getitem(arg=nodes.Const(value=int())):
                return self._item(node.node)
            case nodes.Filter(name="reverse" | "sort" | "list", node=nodes.Expr() as inner):
                return self._shape(inner)
            case nodes.CondExpr(expr1=yes, expr2=nodes.Expr() as no):
                return union(self._shape(yes), self._shape(no))
        return None
