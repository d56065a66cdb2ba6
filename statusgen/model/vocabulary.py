"""The words of the field, each in one place: ITIL's kinds of ticket, Statuspage's stages and states."""

from __future__ import annotations

from enum import StrEnum


class Milestone(StrEnum):
    """The few steps of a ticket that a customer wants to know (research: ticket-systems §2.2)."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    APPROVAL = "approval"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_SUPPLIER = "waiting_supplier"
    WAITING_OTHER = "waiting_other"
    SCHEDULED = "scheduled"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


QUIET = frozenset({Milestone.ASSIGNED, Milestone.CLOSED})
"""Milestones that stand on the page and are never mailed."""


DONE = frozenset({Milestone.RESOLVED, Milestone.CLOSED, Milestone.CANCELLED})
"""Milestones after which nothing is open."""


DERIVED = frozenset({Milestone.ASSIGNED, Milestone.REOPENED})
"""Milestones that are transitions, not states: never where a ticket stands."""


class TicketType(StrEnum):
    """ITIL's kinds of ticket. One that a feed leaves out is an incident."""

    INCIDENT = "incident"
    SERVICE_REQUEST = "service_request"
    CHANGE = "change"
    PROBLEM = "problem"


class IncidentStage(StrEnum):
    """Atlassian Statuspage's stages of an incident."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"


class PlannedStage(StrEnum):
    """Stages of planned work (Statuspage's scheduled maintenance, and cancelled)."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ServiceState(StrEnum):
    """The state of a service at one moment. UNKNOWN is never green and never folds into "all working"."""

    OPERATIONAL = "operational"
    UNKNOWN = "unknown"
    UNDER_MAINTENANCE = "under_maintenance"
    DEGRADED_PERFORMANCE = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"


class SourceState(StrEnum):
    """How far a source can be believed at this build."""

    OK = "ok"
    STALE = "stale"
    DOWN = "down"
    SUSPICIOUS = "suspicious"


class AuthorRole(StrEnum):
    """Who wrote an update. Only IT's public words count against silence."""

    IT = "it"
    CUSTOMER = "customer"
    SYSTEM = "system"


class TextFormat(StrEnum):
    """How a text must be rendered: PLAIN is escaped and linkified, MARKDOWN and HTML are cleaned with nh3."""

    PLAIN = "plain"
    MARKDOWN = "markdown"
    HTML = "html"


class PromiseState(StrEnum):
    """What became of a promise.

    OPEN: its time has not come. KEPT: a word or the end came in time. BROKEN: its time passed in silence. RENEWED: another date took its place before it passed.
    """

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    RENEWED = "renewed"


class WaitingOn(StrEnum):
    """Who has the ball."""

    US = "us"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    OTHER = "other"
    NOBODY = "nobody"
