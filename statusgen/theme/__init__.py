"""A theme: a folder that overrides single templates, tokens and words, and inherits the rest. Pure: bytes in, a Theme out.

manifest: theme.toml. tokens, css: what a style sheet is made of. composing: layers put together. sandbox: what a template can
reach. checking: what is wrong with templates before they run. contrast: inks on their grounds.
"""

from __future__ import annotations

from statusgen.theme.composing import Layer, Template, Theme, compose
from statusgen.theme.manifest import FILE, ROOT, Manifest, is_name, parse

__all__ = ["FILE", "ROOT", "Layer", "Manifest", "Template", "Theme", "compose", "is_name", "parse"]
