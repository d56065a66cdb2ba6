"""What a badge says: a name, and its state in a word or two."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen import health
from statusgen.model import Service, ServiceState
from statusgen.views.common import Look
from statusgen.views.home import overall_look


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """`title` says all of it in one line, for who cannot see the rest; `look` is the class and icon of the state."""

    name: str
    state: str
    title: str
    look: str


def badge_of_service(look: Look, service: Service) -> Badge:
    """The badge of one service."""
    tag = look.tag(look.states[service.id])
    return _badge(look, look.name(service.id), tag.word, tag.look)


def badge_of_site(look: Look, title: str) -> Badge:
    """The badge of everything: how many problems there are, else the state that everything is in."""
    words, states = look.words, look.states.values()
    problems = sum(not look.is_notice(incident) for incident in look.ongoing)
    if problems:
        return _badge(look, title, words.count("%(num)d problem", "%(num)d problems", problems), overall_look(look))
    state = ServiceState.UNKNOWN if ServiceState.UNKNOWN in states else health.worst(states)
    return _badge(look, title, look.tag(state).word, overall_look(look))


def _badge(look: Look, name: str, state: str, shape: str) -> Badge:
    return Badge(name=name, state=state, title=look.words.label(name, state), look=shape)
