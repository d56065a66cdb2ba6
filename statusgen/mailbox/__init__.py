"""What comes back by mail: stops, bounces and subscriptions, read from a mailbox because there is no server to click at.

    imap        I/O: the letters of a mailbox that were not handled yet, and their marks
    reading     pure: the bytes of one mail -> what it asks for, or why it is ignored
    deciding    pure: what that changes in what is remembered

Only a token that this site made is believed: anybody can write any name into a From.
"""

from statusgen.mailbox.deciding import Tally, answer_of, changes_of, pending
from statusgen.mailbox.reading import Asked, Bounced, Confirmed, Ignored, Request, Said, read

__all__ = [
    "Asked",
    "Bounced",
    "Confirmed",
    "Ignored",
    "Request",
    "Said",
    "Tally",
    "answer_of",
    "changes_of",
    "pending",
    "read",
]
