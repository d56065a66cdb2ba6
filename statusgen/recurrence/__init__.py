"""Planned work that comes again: a rule of RFC 5545, and the windows that it gives around a moment. Pure.

`rules` reads and refuses rules; `windows` reckons with them. A rule says on which days; the time of day is that of the first
window, on the wall clock of the site's zone.
"""

from statusgen.recurrence.rules import Rule, RuleError, parse
from statusgen.recurrence.windows import Occurrence, as_of, has_window, occurrences, series, wall

__all__ = ["Occurrence", "Rule", "RuleError", "as_of", "has_window", "occurrences", "parse", "series", "wall"]
