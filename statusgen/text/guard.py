"""What Python-Markdown cannot take: openers that nothing closes, rules and definitions in heaps. It is quadratic in them.

8 kB of `![` take it three seconds, and 200 kB would take half an hour. So what holds more of them than people write is
never given to it. The limits were found by timing 110 patterns repeated to 200,000 characters (tests/test_text.py).
"""

from __future__ import annotations

import re

_MOST_IN_BLOCK = 40
_MOST_IN_ALL = 1_000
_BLOCKS = re.compile(r"\n[ \t]*\n")
_CODE = re.compile(r"(?<![\\`])`[^`\n]++`(?!`)")
_CLOSED = re.compile(r"\[[^\[\]]*+\](?:\([^()]*+\)|(?!\())|<[^<>]*+>")
_RULE = re.compile(r"^ {0,3}(?:=+|[-*_ ]+)$", re.MULTILINE)
_DEFINITION = re.compile(r"^ {0,3}\[[^\[\]\n]*\]:", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)


def is_hostile(body: str) -> bool:
    """Whether Markdown would keep Python-Markdown busy for seconds. Linear in the length of `body`."""
    if body.count("<![") > 5 or len(_FENCE.findall(body)) > 200:
        return True
    in_all = 0
    for block in _BLOCKS.split(body):
        if len(block) <= _MOST_IN_BLOCK:
            continue
        in_all += (still_open := _still_open(block))
        if still_open > _MOST_IN_BLOCK or in_all > _MOST_IN_ALL:
            return True
        if len(_RULE.findall(block)) > _MOST_IN_BLOCK or len(_DEFINITION.findall(block)) > 5 * _MOST_IN_BLOCK:
            return True
    return False


def _still_open(block: str) -> int:
    """How many brackets and tags nothing closes, two levels deep; what is code is none."""
    rest = _CLOSED.sub("", _CLOSED.sub("", _CODE.sub("", block)))
    return rest.count("[") + rest.count("<")
