"""The stages of an incident as its updates tell them: who is before whom, and whether it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from statusgen.model import IncidentStage, PlannedStage, Update

INCIDENT_STAGES = {**{stage.value: stage.value for stage in IncidentStage}, "completed": IncidentStage.RESOLVED.value}
PLANNED_STAGES = {**{stage.value: stage.value for stage in PlannedStage}, "canceled": PlannedStage.CANCELLED.value}
"""Statuspage's words for the stages, as they stand in tables."""
OVER = frozenset({IncidentStage.RESOLVED, IncidentStage.POSTMORTEM})


def staged(said: Iterable[Update], first: str) -> tuple[Update, ...]:
    """Updates, oldest first, that have the stage before them where they name none."""
    found = []
    for update in said:
        first = update.stage or first
        found.append(replace(update, stage=first))
    return tuple(found)


def told_end(said: Iterable[Update]) -> datetime | None:
    """When it was over: the first "resolved" or "postmortem" after which nothing began again."""
    ended: datetime | None = None
    for update in said:
        ended = (ended or update.at) if update.stage in OVER else None
    return ended


def stage_of(said: tuple[Update, ...], *, is_over: bool, else_: str = "") -> IncidentStage:
    """The last stage told, or `else_` where nothing was, as far as it agrees with whether it is over."""
    word = said[-1].stage if said else else_
    stage = IncidentStage(word) if word in frozenset(IncidentStage) else IncidentStage.INVESTIGATING
    if is_over:
        return stage if stage in OVER else IncidentStage.RESOLVED
    return IncidentStage.MONITORING if stage in OVER else stage
